#pragma once
// What `connect ssh` runs: ssh's arguments for a proxy, and a brokered key in a file that only
// lives as long as ssh.

#include "base/json.hpp"
#include "base/result.hpp"
#include "ipc/messages/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace agentctl {

class SshCommand {
  public:
    /// `passthrough` comes first, as Boundary has it. Of the credentials the first private key is
    /// used, else the user name of the first password.
    static agent::Result<SshCommand> make(const std::string& program,
                                          const std::vector<std::string>& passthrough,
                                          const std::optional<std::string>& username,
                                          const ipc::Proxy& proxy,
                                          const std::vector<agent::Json>& credentials);
    SshCommand(SshCommand&& other) noexcept;
    SshCommand& operator=(SshCommand&&) = delete;
    ~SshCommand();

    const std::vector<std::string>& words() const { return words_; }
    /// What ssh was not given and so has to be printed: passwords, passphrases, credentials of
    /// other kinds.
    const std::vector<agent::Json>& unused() const { return unused_; }

  private:
    SshCommand() = default;
    agent::Status write_key(const std::string& key);

    std::vector<std::string> words_;
    std::vector<agent::Json> unused_;
    std::string key_file_;
};

} // namespace agentctl
