#pragma once
// The use cases; each has its file in this folder. They take what they need and keep nothing. Those
// that are one request to a controller, or a look at what the agent holds, name it; those that
// change something for proxies take all parts.

#include "agent/clusters/clusters.hpp"
#include "agent/clusters/controllers.hpp"
#include "agent/declarations.hpp"
#include "agent/proxies.hpp"
#include "agent/session/session_calls.hpp"
#include "agent/verbs/call_api.hpp"
#include "agent/verbs/forward.hpp"
#include "controller/list.hpp"
#include "state/state_store.hpp"

namespace agent::core {
struct Parts;
}

namespace agent::core::verbs {

/// Keeps the login when that is asked for.
awaitable<Result<Authenticated>> authenticate(Controllers& controllers, keyring::Logins& logins,
                                              ClusterChoice choice, Credentials credentials);
/// `id` empty: the cluster's own, else the primary one of the scope.
awaitable<Result<LoginMethod>> login_method(Controllers& controllers, ClusterChoice choice,
                                            std::string id, std::string scope_id);
/// Deletes the token there, and forgets it here unless it is the caller's.
awaitable<Result<LoggedOut>> logout(Controllers& controllers, keyring::Logins& logins,
                                    ClusterChoice choice);

awaitable<Result<controller::ItemList>> list(Controllers& controllers, ClusterChoice choice,
                                             ListOptions options,
                                             controller::PageObserver* observer);
awaitable<Result<ItemReply>> read(Controllers& controllers, SessionCalls& sessions,
                                  ClusterChoice choice, std::string resource, std::string id);
/// The controller's status.
awaitable<Result<int>> delete_resource(Controllers& controllers, ClusterChoice choice,
                                       std::string resource, std::string id);
/// A refusal is an error, as with read.
awaitable<Result<controller::Reply>> call_api(Controllers& controllers, SessionCalls& sessions,
                                              ClusterChoice choice, ApiOptions options);
/// Any status of the controller is a Reply.
awaitable<Result<controller::Reply>> forward(Controllers& controllers, SessionCalls& sessions,
                                             ClusterChoice choice, ForwardOptions options);

/// The cluster that a target's name or alias means, when none was named and several are signed in
/// to.
awaitable<Result<ClusterChoice>> locate(Controllers& controllers, keyring::Logins& logins,
                                        const Clusters& clusters, ClusterChoice choice,
                                        TargetOptions options);
/// Named clusters and what is known of the logins; first those with a name.
awaitable<std::vector<ClusterStatus>> cluster_states(keyring::Logins& logins,
                                                     const Clusters& clusters);
/// Errc::invalid_argument while a login or a proxy is there.
awaitable<Status> remove_cluster(keyring::Logins& logins, Clusters& clusters,
                                 const Proxies& proxies, std::string name);
awaitable<AgentStatus> status(keyring::Logins& logins, const Clusters& clusters,
                              const state::StateStore& store, const Proxies& proxies);
/// What stands between a proxy and its target.
Result<Explanation> why(const Proxies& proxies, state::StateStore& store, std::string name);

/// Takes over the proxies of an earlier agentd, starts those that are remembered and not running,
/// and cancels the sessions that nobody holds any more.
awaitable<void> adopt(const Parts& parts);
awaitable<Result<Authenticated>> authenticate(const Parts& parts, ClusterChoice choice,
                                              Credentials credentials);
awaitable<Result<LoggedOut>> logout(const Parts& parts, ClusterChoice choice);
awaitable<Result<int>> delete_resource(const Parts& parts, ClusterChoice choice,
                                       std::string resource, std::string id);
awaitable<Result<controller::Reply>> call_api(const Parts& parts, ClusterChoice choice,
                                              ApiOptions options);
awaitable<Result<controller::Reply>> forward(const Parts& parts, ClusterChoice choice,
                                             ForwardOptions options);
awaitable<Result<Connected>> connect(const Parts& parts, ClusterChoice choice,
                                     ConnectOptions options, ConnectObserver& observer);
/// A running proxy that leads there will do.
awaitable<Result<Connected>> connect_reusing(const Parts& parts, ClusterChoice choice,
                                             ConnectOptions options, ConnectObserver& observer);
awaitable<Result<Disconnected>> disconnect(const Parts& parts, std::string name, bool forget);
awaitable<Result<ProxyStatus>> reconnect(const Parts& parts, std::string name);
awaitable<Result<AppliedDeclarations>> apply(const Parts& parts,
                                             std::vector<ProxyDeclaration> declarations);
/// The network changed or the machine slept.
void check_connections(const Parts& parts, const std::string& why);

} // namespace agent::core::verbs
