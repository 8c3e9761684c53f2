#pragma once
// SessionVault: the secrets of each session that is in use, so that a killed agent-proxy's session
// can be taken up again. In the kernel's keyring, never on a disk; in memory where there is none.
// An ordinary user's keyring has room for 20,000 bytes: of an authorization token only the private
// key's seed goes there, and the caller keeps the rest (state.db).

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
    explicit SessionVault(std::string prefix = keyring::KernelKeyring::prefix_for("session"));

    /// Never fails: what the kernel does not take is kept in memory and ends with agentd. Returns
    /// the part of the authorization token that is no secret, for find().
    std::string put(const std::string& cluster, const std::string& session_id,
                    const SessionSecrets& secrets, std::optional<WallTime> expires);
    std::optional<SessionSecrets> find(const std::string& cluster, const std::string& session_id,
                                       const std::string& open_part);
    void forget(const std::string& cluster, const std::string& session_id);

  private:
    keyring::KernelKeyring kernel_;
    keyring::MemoryKeyring memory_;
    bool kernel_works_;
};

} // namespace agent::core
