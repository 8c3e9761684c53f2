#pragma once
// Keyring: one place that can keep logins, one file for each. Logins (logins.hpp) owns them and
// decides which is used. Every call may wait (a service on the bus, a person typing a passphrase)
// and has a limit of its own.

#include "async/token.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::keyring {

struct Key {
    std::string address; ///< the controller's
    std::string token_name;
    friend auto operator<=>(const Key&, const Key&) = default;
};

class Keyring {
  public:
    virtual ~Keyring() = default;
    /// "secret-service", "kernel", "file" or "memory".
    virtual std::string_view name() const = 0;
    /// Before the first call. `usable` is called whenever it can be used again after it could not:
    /// absent or locked.
    virtual void start(std::function<void()> usable) { static_cast<void>(usable); }
    virtual awaitable<void> stop() { co_return; }
    /// Replaces what is there. `expires`: nobody needs it afterwards.
    virtual awaitable<Status> store(Key key, Secret value, std::optional<WallTime> expires) = 0;
    /// Asks a person to unlock it when it is locked.
    virtual awaitable<Result<std::optional<Secret>>> load(Key key) = 0;
    /// true: there was one.
    virtual awaitable<Result<bool>> remove(Key key) = 0;
    /// What can be listed without asking anybody.
    virtual awaitable<Result<std::vector<Key>>> list() = 0;
    /// Holds, or may hold, more than list() shows, because it is locked.
    virtual bool locked() const { return false; }
    /// Why the next login is not put here; empty: it can be.
    virtual std::string unusable() const { return {}; }
};

} // namespace agent::keyring
