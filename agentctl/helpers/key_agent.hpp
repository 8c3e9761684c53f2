#pragma once
// An ssh-agent that is started for one command and holds one key, for as long as a login may take
// to begin. So a brokered private key is in no file, and in no agent of the user's.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace agentctl::helpers {

class KeyAgent {
  public:
    /// Starts it and gives it the key, which `passphrase` opens (empty: none; then a person may be
    /// asked). Errc::environment when OpenSSH's programs are missing or refuse the key.
    static agent::Result<KeyAgent> with_key(const agent::Secret& key,
                                            const agent::Secret& passphrase);
    KeyAgent(KeyAgent&& other) noexcept;
    KeyAgent& operator=(KeyAgent&&) = delete;
    /// Ends it and removes its socket.
    ~KeyAgent();

    const std::string& socket() const { return socket_; }

  private:
    KeyAgent() = default;
    agent::Status start();
    agent::Status add(const agent::Secret& key, const agent::Secret& passphrase) const;

    std::string socket_;
    agent::UniqueFd alive_; ///< the agent lives as long as somebody holds this
    pid_t holder_ = -1;     ///< its parent, which reads from there
    pid_t agent_ = -1;
};

} // namespace agentctl::helpers
