#pragma once
// Which running proxy already leads where a Connect with `reuse` wants to go. connect.cpp remembers
// the way of each proxy it starts, reuse.cpp looks for it.

#include "agent/proxies.hpp"
#include "agent/words.hpp"

namespace agent::core {

/// Cluster, login, target and host in one text: equal texts lead to the same place as the same
/// user.
std::string way_of(const ClusterChoice& choice, const ConnectWords& words);

/// Whether a new connection of `proxy` would arrive where `words` want to go, with the same login.
/// Never for a token given with the call: it may be somebody else's.
bool leads_there(const ManagedProxy& proxy, const ClusterChoice& choice, const ConnectWords& words);

} // namespace agent::core
