#pragma once
// Logins in agentd's own memory: where the kernel has no keyring for us, and in tests.

#include "keyring/keyring.hpp"

#include <map>

namespace agent::keyring {

class MemoryKeyring final : public Keyring {
  public:
    std::string_view name() const override { return "memory"; }
    Status store(const Key& key, const Secret& value, std::optional<WallTime> expires) override;
    Result<std::optional<Secret>> load(const Key& key) override;
    Result<bool> remove(const Key& key) override;
    std::vector<Key> list() override;

  private:
    struct Kept {
        Secret value;
        std::optional<WallTime> expires;
    };
    std::map<Key, Kept> kept_;
};

} // namespace agent::keyring
