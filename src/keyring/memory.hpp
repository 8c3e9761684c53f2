#pragma once
// Logins in agentd's own memory: where the kernel has no keyring for us, and in tests.

#include "keyring/keyring.hpp"

#include <map>

namespace agent::keyring {

class MemoryKeyring {
  public:
    static constexpr std::string_view kind = "memory";
    Status store(const Key& key, const Secret& value, std::optional<WallTime> expires);
    Result<std::optional<Secret>> load(const Key& key);
    Result<bool> remove(const Key& key);
    std::vector<Key> list();

  private:
    struct Kept {
        Secret value;
        std::optional<WallTime> expires;
    };
    std::map<Key, Kept> kept_;
};

} // namespace agent::keyring
