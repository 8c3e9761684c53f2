#pragma once
// Secrets in the kernel's user keyring (@u). Never waits.

#include "keyring/keyring.hpp"

namespace agent::keyring {

class KernelKeyring {
  public:
    static constexpr std::string_view kind = "kernel";
    /// `prefix` begins every key's description; tests bring their own.
    explicit KernelKeyring(std::string prefix) : prefix_(std::move(prefix)) {}

    /// Stores, reads and removes a key: containers often refuse one of these.
    Status probe();
    Status store(const Key& key, const Secret& value, std::optional<WallTime> expires);
    Result<std::optional<Secret>> load(const Key& key);
    Result<bool> remove(const Key& key);
    std::vector<Key> list();

  private:
    std::string describe(const Key& key) const { return prefix_ + key.token_name + "@" + key.address; }
    std::string prefix_;
};

} // namespace agent::keyring
