#include "agentctl/helpers/fit.hpp"
#include "agentctl/helpers/table.hpp"

namespace agentctl::helpers {
namespace {

std::vector<std::string> split_at_spaces(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    for (std::size_t space; (space = text.find(' ', at)) != std::string::npos; at = space + 1)
        parts.push_back(text.substr(at, space - at));
    parts.push_back(text.substr(at));
    return parts;
}

/// The key goes to an agent of its own; returns the words that name that agent.
agent::Result<std::vector<std::string>> lend_key(Credential& key, bool putty, Launch& launch) {
    if (auto fits = fit_secret(key.secret.reveal(), Lines::allowed); !fits) return fits.error();
    if (auto fits = fit_secret(key.passphrase.reveal(), Lines::refused); !fits) return fits.error();
    auto agent = KeyAgent::with_key(key.secret, key.passphrase);
    if (!agent) return agent.error();
    launch.environment.push_back("SSH_AUTH_SOCK=" + agent->socket());
    launch.key_agent.emplace(std::move(*agent));
    key.consumed = true;
    if (putty) return std::vector<std::string>{"-agent"};
    // Whatever a configuration says: this agent, and its key although no file names it.
    return std::vector<std::string>{"-o", "IdentityAgent=SSH_AUTH_SOCK", "-o", "IdentitiesOnly=no"};
}

agent::Status prepare_sshpass(Given& given, Launch& launch) {
    Credential* login = given.credentials.first(Kind::username_password);
    if (login == nullptr)
        return cannot_collect("-style sshpass needs a brokered user name with a password");
    if (auto fits = fit_username(login->username); !fits) return fits;
    if (auto fits = fit_secret(login->secret.reveal(), Lines::refused); !fits) return fits;
    launch.environment.push_back("SSHPASS=" + std::string(login->secret.reveal()));
    launch.words = {"-e",         "ssh",          "-p",
                    given.port(), "-o",           "NoHostAuthenticationForLocalhost=yes",
                    "-l",         login->username};
    login->consumed = true;
    return {};
}

agent::Status prepare_ssh_or_putty(Given& given, Launch& launch, bool injected) {
    const bool putty = given.style == "putty";
    std::string user = given.options.username.value_or("");
    launch.words = {putty ? "-P" : "-p", given.port()};
    if (!putty) {
        // Every proxy is 127.0.0.1 to ssh, so known hosts are told apart by what is behind it.
        const std::string& alias =
            given.proxy.host_id.empty() ? given.proxy.target_id : given.proxy.host_id;
        if (!injected && !alias.empty() && !plain_id(alias))
            return cannot_collect("the target's id is no plain word");
        launch.add({"-o", injected || alias.empty() ? "NoHostAuthenticationForLocalhost=yes"
                                                    : "HostKeyAlias=" + alias});
    }
    Credential* key = injected ? nullptr : given.credentials.first(Kind::ssh_private_key);
    const Credential* login = injected ? nullptr : given.credentials.first(Kind::username_password);
    if (key != nullptr) {
        if (auto fits = fit_username(key->username); !fits) return fits;
        const auto words = lend_key(*key, putty, launch);
        if (!words) return words.error();
        launch.add(*words);
        user = key->username;
    } else if (login != nullptr && user.empty()) { // the password has to be typed, so it is shown
        if (auto fits = fit_username(login->username); !fits) return fits;
        user = login->username;
    }
    if (!user.empty()) launch.add({"-l", user});
    return {};
}

agent::Status prepare_ssh(Given& given, Launch& launch) {
    // A session of this type logs in by itself: the worker holds the credentials.
    const bool injected = given.proxy.protocol == "ssh";
    const auto prepared = given.style == "sshpass" && !injected
                              ? prepare_sshpass(given, launch)
                              : prepare_ssh_or_putty(given, launch, injected);
    if (!prepared) return prepared;
    launch.add({given.ip()});
    if (given.options.remote_command) launch.add(split_at_spaces(*given.options.remote_command));
    return {};
}

} // namespace

const Helper ssh{
    "ssh",
    "agentctl connect ssh -target-id ttcp_1234567890 -remote-command hostname",
    {{"ssh", {"ssh"}}, {"sshpass", {"sshpass"}}, {"putty", {"putty"}}},
    {style_flag("ssh, sshpass (types a brokered password) or putty.", "BOUNDARY_CONNECT_SSH_STYLE"),
     username_flag(),
     {"remote-command", &HelperOptions::remote_command,
      "What to run on the other side. What follows -- comes before the host's name, so it is for "
      "ssh's own flags."}},
    prepare_ssh};

} // namespace agentctl::helpers
