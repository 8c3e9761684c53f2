#pragma once
// The agent: it makes the parts, and has the use cases; each of these is a file in verbs/.
// agentd/commands calls it for every verb; it knows neither the words of the wire nor processes.

#include "agent/parts.hpp"
#include "agent/verbs/verbs.hpp"

namespace agent::core {

class Agent {
  public:
    Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
          ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
          PingPace ping = {});

    /// How often held sessions are looked at; before adopt().
    void pace_watch(session_watch::Times times) { held_.pace(times); }
    /// Takes over the proxies of an earlier agentd, starts those that are remembered and not
    /// running, and cancels the sessions that nobody holds any more. Once, before the first use
    /// case.
    awaitable<void> adopt();
    /// Lets go of the proxies; they live on.
    awaitable<void> stop();

    awaitable<Result<Authenticated>> authenticate(ClusterChoice choice, Credentials credentials);
    awaitable<Result<LoggedOut>> logout(ClusterChoice choice);
    awaitable<Result<ItemReply>> read(ClusterChoice choice, std::string resource, std::string id);
    awaitable<Result<int>> delete_resource(ClusterChoice choice, std::string resource,
                                           std::string id);
    /// A request about the controller's resources that is none of the three above.
    awaitable<Result<controller::Reply>> call_api(ClusterChoice choice, ApiOptions options);
    /// Any status of the controller is a Reply.
    awaitable<Result<controller::Reply>> forward(ClusterChoice choice, ForwardOptions options);
    awaitable<Result<ItemReply>> authorize_session(ClusterChoice choice, TargetOptions options);
    awaitable<Result<ItemReply>> cancel_session(ClusterChoice choice, std::string id,
                                                std::optional<std::int64_t> version);
    /// The cluster that a target's name or alias means, when none was named and several are signed
    /// in to.
    awaitable<Result<ClusterChoice>> locate(ClusterChoice choice, TargetOptions options);

    awaitable<Result<Connected>> connect(ClusterChoice choice, ConnectOptions options,
                                         ConnectObserver& observer);
    awaitable<Result<Disconnected>> disconnect(std::string name, bool forget);
    awaitable<Result<ProxyStatus>> reconnect(std::string name);
    Result<Explanation> why(std::string name);
    /// The proxies that config.toml declares: what is new is started, what is gone ended, what has
    /// changed replaced; nothing else is touched.
    awaitable<Result<AppliedDeclarations>> apply(std::vector<ProxyDeclaration> declarations);
    /// The network changed or the machine slept: what is kept alive may be dead, what waits may go
    /// on.
    void check_connections(const std::string& why);
    /// Nothing to try yet, and nobody to give up: what is asked for now shall fail at once, not on
    /// a dead connection.
    void network_lost();

    // For the verbs that need no more than one of the parts.
    Controllers& controllers() { return controllers_; }
    Clusters& clusters() { return parts_.clusters; }
    keyring::Logins& logins() { return parts_.logins; }
    const state::StateStore& store() const { return parts_.store; }
    const Proxies& proxies() const { return proxies_; }
    EventHub& events() { return events_; }

  private:
    Parts parts_; ///< refers to the members below
    Controllers controllers_;
    EventHub events_;
    Proxies proxies_;
    SessionCalls session_calls_;
    SessionLedger ledger_;
    ListenerKeeping listeners_;
    ExpiryWatch expiry_;
    HeldSessions held_;
    Openings openings_;
    ProxyPings pings_;
    async::TaskGroup tasks_; ///< last: what runs in it uses the rest
};

} // namespace agent::core
