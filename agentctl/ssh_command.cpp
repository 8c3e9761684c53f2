#include "agentctl/ssh_command.hpp"

#include "base/unique_fd.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace agentctl {
namespace {

using agent::Json;
using agent::string_member;

// The typed credential, or a decoded secret whose members fit.
const Json* find_fitting(const Json& credential, std::string_view second_member) {
    const Json* secret = agent::find_member(credential, "secret");
    const Json* decoded = secret == nullptr ? nullptr : agent::find_member(*secret, "decoded");
    for (const Json* one : {agent::find_member(credential, "credential"), decoded})
        if (one != nullptr && !string_member(*one, "username").empty() &&
            !string_member(*one, second_member).empty())
            return one;
    return nullptr;
}

std::string temporary_folder() {
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
        if (const char* value = std::getenv(name); value != nullptr && *value == '/') return value;
    return "/tmp";
}

} // namespace

SshCommand::SshCommand(SshCommand&& other) noexcept
    : words_(std::move(other.words_)), unused_(std::move(other.unused_)),
      key_file_(std::exchange(other.key_file_, {})) {}

SshCommand::~SshCommand() {
    if (!key_file_.empty()) ::unlink(key_file_.c_str());
}

agent::Status SshCommand::write_key(const std::string& key) {
    std::string path = temporary_folder() + "/agentctl-ssh-key-XXXXXX";
    agent::UniqueFd file(::mkostemp(path.data(), O_CLOEXEC)); // creates it with mode 0600
    if (!file)
        return agent::fail_errno(agent::Errc::environment, agent::Hop::local,
                                 "a file for the ssh key in " + path, errno);
    key_file_ = path;
    const std::string text = key + "\n"; // ssh refuses a key whose last line has no end
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t n = ::write(file.get(), text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return agent::fail_errno(agent::Errc::environment, agent::Hop::local, "writing " + path,
                                     errno);
        done += static_cast<std::size_t>(n);
    }
    return {};
}

agent::Result<SshCommand> SshCommand::make(const std::string& program,
                                           const std::vector<std::string>& passthrough,
                                           const std::optional<std::string>& username,
                                           const ipc::Proxy& proxy,
                                           const std::vector<Json>& credentials) {
    SshCommand command;
    command.unused_ = credentials;
    std::string user = username.value_or("");
    bool used = false;
    for (std::size_t i = 0; i < credentials.size() && !used; ++i) {
        const Json* key = find_fitting(credentials[i], "private_key");
        if (key == nullptr) continue;
        used = true;
        user = string_member(*key, "username");
        const auto written = command.write_key(string_member(*key, "private_key"));
        if (!written) return written.error();
        command.unused_.erase(command.unused_.begin() + static_cast<std::ptrdiff_t>(i));
        // ssh will ask for the passphrase, so it has to be shown.
        const std::string passphrase = string_member(*key, "private_key_passphrase");
        if (!passphrase.empty()) {
            Json rest = {{"credential", {{"private_key_passphrase", passphrase}}}};
            if (const Json* source = agent::find_member(credentials[i], "credential_source");
                source != nullptr)
                rest["credential_source"] = *source;
            command.unused_.insert(command.unused_.begin() + static_cast<std::ptrdiff_t>(i),
                                   std::move(rest));
        }
    }
    for (std::size_t i = 0; i < credentials.size() && !used; ++i) {
        const Json* password = find_fitting(credentials[i], "password");
        if (password == nullptr) continue;
        used = true;
        if (user.empty()) user = string_member(*password, "username");
    }

    auto& words = command.words_;
    words = {program};
    words.insert(words.end(), passthrough.begin(), passthrough.end());
    // Every proxy is 127.0.0.1 to ssh, so known hosts are told apart by what is behind it.
    const std::string alias = proxy.host_id.empty() ? proxy.target_id : proxy.host_id;
    for (const std::string& word :
         {std::string("-p"), std::to_string(proxy.port), std::string("-o"),
          alias.empty() ? std::string("NoHostAuthenticationForLocalhost=yes")
                        : "HostKeyAlias=" + alias})
        words.push_back(word);
    if (!command.key_file_.empty()) words.insert(words.end(), {"-i", command.key_file_});
    if (!user.empty()) words.insert(words.end(), {"-l", user});
    words.push_back(proxy.address);
    return command;
}

} // namespace agentctl
