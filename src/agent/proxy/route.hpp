#pragma once
// Which running proxy already leads where a Connect with `reuse` wants to go: each remembers what
// was asked for when it was started.

#include "agent/options.hpp"
#include "agent/proxy/managed_proxy.hpp"

namespace agent::core {

/// Cluster, login, target and host in one text: equal texts lead to the same place as the same
/// user. Empty for a token given with the call: it may be somebody else's.
std::string route_of(const ClusterChoice& choice, const ConnectOptions& options);

bool takes_connections(const ProxyStatus& status);
/// Whether a new connection of `proxy` would arrive where `words` want to go, with the same login.
/// Never for a token given with the call.
bool leads_there(const ManagedProxy& proxy, const ClusterChoice& choice,
                 const ConnectOptions& options);

} // namespace agent::core
