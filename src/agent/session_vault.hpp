#pragma once
// SessionVault: the two secrets of each session that is in use (authorization token, TOFU token), so that a killed
// agent-proxy's session can be taken up again. In the kernel's keyring, never on a disk; in memory where there is none.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "keyring/kernel.hpp"
#include "keyring/memory.hpp"

#include <optional>
#include <string>

namespace agent::core {

struct SessionSecrets {
    Secret authorization_token;
    Secret tofu_token;
};

class SessionVault {
  public:
    /// `prefix` begins every key's description; tests bring their own.
    explicit SessionVault(std::string prefix = "agentd:session:");

    /// Never fails: what the kernel does not take is kept in memory and ends with agentd.
    void put(const std::string& cluster, const std::string& session_id, const SessionSecrets& secrets,
             std::optional<WallTime> expires);
    std::optional<SessionSecrets> find(const std::string& cluster, const std::string& session_id);
    void forget(const std::string& cluster, const std::string& session_id);

  private:
    keyring::KernelKeyring kernel_;
    keyring::MemoryKeyring memory_;
    bool kernel_works_;
};

} // namespace agent::core
