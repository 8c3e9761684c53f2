#pragma once
// Secrets in the kernel's user keyring (@u). Never waits.

#include "keyring/keyring.hpp"

namespace agent::keyring {

class KernelKeyring {
  public:
    static constexpr std::string_view kind = "kernel";
    /// What begins the description of a key of this `kind` ("login"). The keyring is one for all of
    /// a user's agents: with AGENTD_KEYRING_PREFIX set, which goes before that, an agent keeps its
    /// keys apart: every test's does.
    static std::string prefix_for(std::string_view kind);
    explicit KernelKeyring(std::string prefix) : prefix_(std::move(prefix)) {}

    /// Stores, reads and removes a key: containers often refuse one of these.
    Status probe();
    Status store(const Key& key, const Secret& value, std::optional<WallTime> expires);
    Result<std::optional<Secret>> load(const Key& key);
    Result<bool> remove(const Key& key);
    std::vector<Key> list();

  private:
    std::string describe(const Key& key) const {
        return prefix_ + key.token_name + "@" + key.address;
    }
    std::string prefix_;
};

} // namespace agent::keyring
