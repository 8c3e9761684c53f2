#pragma once
// What the agent has that ends by itself: its logins, and the sessions of its proxies.

#include "agent/proxies.hpp"
#include "agent/session/expiry_watch.hpp"
#include "keyring/logins.hpp"

namespace agent::core {

/// Waits until the logins have been read.
awaitable<std::vector<Expiring>> expiring(keyring::Logins& logins, const Proxies& proxies);

} // namespace agent::core
