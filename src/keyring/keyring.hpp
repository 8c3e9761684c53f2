#pragma once
// Keeps logins: one secret for each (controller address, token name). src/agent stores auth token objects in it.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::keyring {

struct Key {
    std::string address;
    std::string token_name;
    friend auto operator<=>(const Key&, const Key&) = default;
};

class Keyring {
  public:
    virtual ~Keyring() = default;
    virtual std::string_view name() const = 0; ///< "kernel" or "memory"
    /// Replaces what is there. `expires`: nobody needs it afterwards.
    virtual Status store(const Key& key, const Secret& value, std::optional<WallTime> expires) = 0;
    virtual Result<std::optional<Secret>> load(const Key& key) = 0;
    /// true: there was one.
    virtual Result<bool> remove(const Key& key) = 0;
    virtual std::vector<Key> list() = 0;
};

/// The kernel's where it works, else memory with a warning in the log.
std::unique_ptr<Keyring> open_keyring();

} // namespace agent::keyring
