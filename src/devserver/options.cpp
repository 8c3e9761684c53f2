#include "devserver/options.hpp"

#include "base/command_line.hpp"
#include "net/endpoint.hpp"

#include <charconv>
#include <cstdlib>
#include <functional>
#include <limits>

namespace devserver {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::Status;

struct Flag {
    const char* name;
    const char* variable; ///< after BOUNDARY_DEV_; nullptr: none
    const char* help;     ///< nullptr: not shown
    std::function<Status(Options&, const std::string&)> set;
    bool yes_or_no = false; ///< -name alone says yes
};

template <class Number>
Status set_number(Number& out, const std::string& text, Number lowest, Number highest) {
    Number value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec == std::errc() && end == text.data() + text.size() && value >= lowest &&
        value <= highest) {
        out = value;
        return {};
    }
    return fail(Errc::invalid_argument, Hop::local,
                "\"" + text + "\" is no whole number from " + std::to_string(lowest) + " to " +
                    std::to_string(highest));
}

Status set_text(std::string& out, const std::string& text) {
    out = text;
    return {};
}

/// `-skip-…`: takes it away.
Status set_skipped(bool& wanted, const std::string& text) {
    if (text != "true" && text != "false")
        return fail(Errc::invalid_argument, Hop::local, "this is true or false");
    wanted = text == "false";
    return {};
}

Status set_address(std::string& out, const std::string& text, std::uint16_t port) {
    auto endpoint = agent::net::parse_listen_endpoint(text, port);
    if (!endpoint) return endpoint.error();
    if (endpoint->host == "localhost") endpoint->host = "127.0.0.1";
    out = endpoint->text();
    return {};
}

/// Where others reach the worker: any host, not only addresses of this machine.
Status set_public_address(std::string& out, const std::string& text) {
    const auto endpoint = agent::net::parse_endpoint(text, 9202);
    if (!endpoint) return endpoint.error();
    out = endpoint->text();
    return {};
}

Status set_suffix(std::string& out, const std::string& text) {
    const bool fits = text.size() == 10 &&
                      text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    if (!fits)
        return fail(Errc::invalid_argument, Hop::local,
                    "an id suffix has exactly ten letters and digits");
    out = text;
    return {};
}

Status set_password(Secret& out, const std::string& text) {
    if (text.size() < 8)
        return fail(Errc::invalid_argument, Hop::local, "a password needs at least 8 characters");
    out = Secret(text);
    return {};
}

const std::vector<Flag>& flags() {
    constexpr auto max32 = std::numeric_limits<std::int32_t>::max();
    static const std::vector<Flag> all = {
        {"login-name", "LOGIN_NAME", "The administrator's login name; admin.",
         [](Options& o, const std::string& v) { return set_text(o.seed.login_name, v); }},
        {"password", "PASSWORD", "The administrator's password; password.",
         [](Options& o, const std::string& v) { return set_password(o.seed.password, v); }},
        {"unprivileged-login-name", "UNPRIVILEGED_LOGIN_NAME",
         "The unprivileged user's login name; user.",
         [](Options& o, const std::string& v) {
             return set_text(o.seed.unprivileged_login_name, v);
         }},
        {"unprivileged-password", "UNPRIVILEGED_PASSWORD",
         "The unprivileged user's password; password.",
         [](Options& o, const std::string& v) {
             return set_password(o.seed.unprivileged_password, v);
         }},
        {"id-suffix", "ID_SUFFIX",
         "The ten characters after the underscore of generated ids; 1234567890.",
         [](Options& o, const std::string& v) { return set_suffix(o.seed.id_suffix, v); }},
        {"secondary-id-suffix", "SECONDARY_ID_SUFFIX", "The same for second ones; 0987654321.",
         [](Options& o, const std::string& v) {
             return set_suffix(o.seed.secondary_id_suffix, v);
         }},
        {"host-address", "HOST_ADDRESS", "The generated host's address; localhost.",
         [](Options& o, const std::string& v) { return set_text(o.seed.host_address, v); }},
        {"target-default-port", "TARGET_DEFAULT_PORT", "The generated targets' port; 22.",
         [](Options& o, const std::string& v) {
             return set_number<std::uint16_t>(o.seed.target_default_port, v, 1, 65535);
         }},
        {"target-session-connection-limit", "TARGET_SESSION_CONNECTION_LIMIT",
         "Connections of a session; -1, unlimited.",
         [](Options& o, const std::string& v) {
             if (v == "0")
                 return Status(fail(Errc::invalid_argument, Hop::local,
                                    "a limit is -1 or greater than zero"));
             return set_number<std::int32_t>(o.seed.session_connection_limit, v, -1, max32);
         }},
        {"target-session-max-seconds", "TARGET_SESSION_MAX_SECONDS",
         "How long a session lives; 28800.",
         [](Options& o, const std::string& v) {
             return set_number<std::int64_t>(o.seed.session_max_seconds, v, 1, max32);
         }},
        {"api-listen-address", "CONTROLLER_API_LISTEN_ADDRESS",
         "Where the API listens; 127.0.0.1:9200. Port 0: any free one.",
         [](Options& o, const std::string& v) { return set_address(o.api_address, v, 9200); }},
        {"proxy-listen-address", "WORKER_PROXY_LISTEN_ADDRESS",
         "Where the worker listens; 127.0.0.1:9202.",
         [](Options& o, const std::string& v) { return set_address(o.proxy_address, v, 9202); }},
        {"worker-public-address", "WORKER_PUBLIC_ADDRESS",
         "The worker's address in authorization tokens, port 9202 unless it says another; where it "
         "listens.",
         [](Options& o, const std::string& v) {
             return set_public_address(o.worker_public_address, v);
         }},
        {"skip-oidc-auth-method-creation", "SKIP_OIDC_AUTH_METHOD_CREATION", "No OIDC auth method.",
         [](Options& o, const std::string& v) { return set_skipped(o.seed.oidc_auth_method, v); },
         true},
        {"skip-ldap-auth-method-creation", "SKIP_LDAP_AUTH_METHOD_CREATION", "No LDAP auth method.",
         [](Options& o, const std::string& v) { return set_skipped(o.seed.ldap_auth_method, v); },
         true},
        {"worker-fault", nullptr, nullptr, // for tests: worker/README.md
         [](Options& o, const std::string& v) {
             auto faults = parse_faults(v);
             if (!faults) return Status(faults.error());
             o.worker_faults = *faults;
             return Status();
         }},
        {"config", nullptr,
         "TOML file that declares more orgs, projects, users, hosts, targets, aliases, "
         "credentials.",
         [](Options& o, const std::string& v) { return set_text(o.config, v); }},
        {"state", nullptr,
         "SQLite file that keeps everything across restarts; in memory when missing.",
         [](Options& o, const std::string& v) { return set_text(o.state, v); }},
    };
    return all;
}

Status apply(const Flag& flag, Options& options, const std::string& value,
             const std::string& shown) {
    const auto set = flag.set(options, value);
    if (set) return {};
    return fail(Errc::invalid_argument, Hop::local,
                "invalid value for " + shown + ": " + set.error().message);
}

} // namespace

std::string usage() {
    std::string text =
        "Usage: agentctl dev [flags]\n\nA whole Boundary in one process, for development: "
        "controller, "
        "worker, and a few resources to begin\n"
        "with. Its passwords are known to everybody: keep it on loopback.\n\nFlags:\n";
    for (const auto& flag : flags()) {
        if (flag.help == nullptr) continue;
        text += std::string("  -") + flag.name + (flag.yes_or_no ? "" : " VALUE") + "\n      " +
                flag.help;
        if (flag.variable != nullptr)
            text += std::string(" Also by BOUNDARY_DEV_") + flag.variable + ".";
        text += "\n";
    }
    return text;
}

bool holds_password(const std::vector<std::string>& words, std::size_t at) {
    return words[at].find("password=") != std::string::npos ||
           (at > 0 && words[at - 1].ends_with("password"));
}

Result<Options> parse_options(const std::vector<std::string>& words) {
    Options options;
    for (const auto& flag : flags()) {
        if (flag.variable == nullptr) continue;
        const std::string variable = std::string("BOUNDARY_DEV_") + flag.variable;
        const char* value = std::getenv(variable.c_str());
        if (value == nullptr || *value == '\0') continue;
        const auto set = apply(flag, options, value, variable);
        if (variable.ends_with("PASSWORD")) (void)agent::take_from_environment(variable);
        if (!set) return set.error();
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string word = words[i];
        if (word.size() < 2 || word[0] != '-')
            return fail(Errc::invalid_argument, Hop::local, "unexpected argument \"" + word + "\"");
        word.erase(0, word.starts_with("--") ? 2 : 1);
        if (word == "h" || word == "help") {
            options.help = true;
            return options;
        }
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const Flag* flag = nullptr;
        for (const auto& one : flags())
            if (name == one.name) flag = &one;
        if (flag == nullptr)
            return fail(Errc::invalid_argument, Hop::local,
                        "flag provided but not defined: -" + name);
        const bool alone = equals == std::string::npos;
        if (alone && !flag->yes_or_no && i + 1 == words.size())
            return fail(Errc::invalid_argument, Hop::local, "flag needs an argument: -" + name);
        const std::string value = !alone            ? word.substr(equals + 1)
                                  : flag->yes_or_no ? "true"
                                                    : words[++i];
        if (auto set = apply(*flag, options, value, "-" + name); !set) return set.error();
    }
    return options;
}

} // namespace devserver
