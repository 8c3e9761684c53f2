#pragma once
// Logins in the kernel's user keyring (@u).

#include "keyring/keyring.hpp"

namespace agent::keyring {

class KernelKeyring final : public Keyring {
  public:
    /// `prefix` begins every key's description; tests bring their own.
    explicit KernelKeyring(std::string prefix) : prefix_(std::move(prefix)) {}

    /// Stores, reads and removes a key: containers often refuse one of these.
    Status probe();
    std::string_view name() const override { return "kernel"; }
    Status store(const Key& key, const Secret& value, std::optional<WallTime> expires) override;
    Result<std::optional<Secret>> load(const Key& key) override;
    Result<bool> remove(const Key& key) override;
    std::vector<Key> list() override;

  private:
    std::string describe(const Key& key) const { return prefix_ + key.token_name + "@" + key.address; }
    std::string prefix_;
};

} // namespace agent::keyring
