#pragma once
// The agent: logins, proxies and the use cases, one file each. agentd/commands calls it for every verb; it knows
// neither the words of the wire nor processes.

#include "agent/clusters.hpp"
#include "agent/event_hub.hpp"
#include "agent/forward.hpp"
#include "agent/proxies.hpp"
#include "agent/proxy_launcher.hpp"
#include "agent/words.hpp"
#include "async/task_group.hpp"
#include "controller/client.hpp"
#include "controller/list.hpp"
#include "keyring/logins.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace agent::core {

class Agent {
  public:
    Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters, ProxyLauncher& launcher);

    /// Takes over the proxies of an earlier agentd. Once, before the first use case.
    awaitable<void> adopt();
    /// Lets go of the proxies; they live on.
    awaitable<void> stop();

    awaitable<AgentStatus> status();
    awaitable<Result<Authenticated>> authenticate(ClusterChoice choice, Credentials credentials);
    /// `id` empty: the cluster's own, else the primary one of the scope.
    awaitable<Result<LoginMethod>> login_method(ClusterChoice choice, std::string id, std::string scope_id);
    awaitable<Result<LoggedOut>> logout(ClusterChoice choice);
    awaitable<Result<controller::ItemList>> list(ClusterChoice choice, ListWords words,
                                                 controller::PageObserver* observer);
    awaitable<Result<ItemReply>> read(ClusterChoice choice, std::string resource, std::string id);
    awaitable<Result<int>> delete_resource(ClusterChoice choice, std::string resource, std::string id);
    /// Any status of the controller is a Reply.
    awaitable<Result<controller::Reply>> forward(ClusterChoice choice, ForwardWords words);
    awaitable<Result<ItemReply>> authorize_session(ClusterChoice choice, TargetWords words);
    awaitable<Result<ItemReply>> cancel_session(ClusterChoice choice, std::string id,
                                                std::optional<std::int64_t> version);
    awaitable<Result<Connected>> connect(ClusterChoice choice, ConnectWords words, ConnectObserver& observer);
    awaitable<Result<Disconnected>> disconnect(std::string name);

    /// The network changed or the machine slept: what is kept alive may be dead, what waits may go on.
    awaitable<void> check_connections(std::string why);

    /// The cluster that a target's name or alias means, when none was named and several are signed in to.
    awaitable<Result<ClusterChoice>> locate(ClusterChoice choice, TargetWords words);
    /// Named clusters and what is known of the logins; first those with a name.
    awaitable<std::vector<ClusterStatus>> cluster_states();
    /// Errc::invalid_argument while a login or a proxy is there.
    awaitable<Status> remove_cluster(std::string name);

    Clusters& clusters() { return clusters_; }
    keyring::Logins& logins() { return logins_; }
    const Proxies& proxies() const { return proxies_; }
    EventHub& events() { return events_; }

  private:
    struct Authorized {
        Secret token; ///< for the worker
        std::string session_id;
        std::vector<Json> credentials;
        std::string wished_name;
    };

    // agent.cpp
    std::shared_ptr<controller::Client> client_of(const controller::ClusterSettings& settings);
    /// The caller's token, or the stored login's, or none.
    awaitable<Result<Secret>> token_of(ClusterChoice choice);
    /// "self" among auth tokens is the caller's own: the public part of the token in use. Every other id is itself.
    awaitable<Result<std::string>> resolve_self(ClusterChoice choice, std::string resource, std::string id);
    /// Sends and turns a refusal into Errc::controller_error, with the next step when a login is what is missing.
    awaitable<Result<controller::Reply>> ask(ClusterChoice choice, controller::Request request);
    static Result<ItemReply> item_of(const controller::Reply& reply);

    // connect.cpp
    awaitable<Result<Authorized>> authorize_for(ClusterChoice choice, ConnectWords words);
    awaitable<Result<ProxyStatus>> start_proxy(ClusterChoice choice, ConnectWords words, const Authorized& authorized,
                                               ConnectObserver& observer);
    awaitable<Error> abandon(ClusterChoice choice, std::string session_id, Error why);
    void follow_new(std::shared_ptr<RunningProxy> proxy);

    // reuse.cpp
    awaitable<Result<Connected>> connect_reusing(ClusterChoice choice, ConnectWords words, ConnectObserver& observer);

    // disconnect.cpp: the life of a proxy after its start
    awaitable<void> follow(std::shared_ptr<RunningProxy> proxy);
    awaitable<Result<ProxyStopped>> stop_proxy(std::shared_ptr<RunningProxy> proxy, std::string reason,
                                               bool cancel_session);
    awaitable<void> settle_session(std::shared_ptr<RunningProxy> proxy);
    awaitable<void> check_session(std::shared_ptr<RunningProxy> proxy);
    awaitable<void> end_proxy(std::shared_ptr<RunningProxy> proxy, std::string reason);
    void take_change(RunningProxy& proxy, ProxyChange change);
    void mark_ended(RunningProxy& proxy, std::string reason);
    /// A session object that says "canceling" or "terminated" ends the proxy that carries it.
    void notice_session(const Json& session);

    boost::asio::any_io_executor executor_;
    keyring::Logins& logins_;
    Clusters& clusters_;
    ProxyLauncher& launcher_;
    EventHub events_;
    Proxies proxies_;
    std::set<std::string> opening_; ///< ways to which a reusable proxy is being started
    async::Event opened_;           ///< one of them less
    std::map<controller::ClusterSettings, std::shared_ptr<controller::Client>> clients_;
    async::TaskGroup tasks_;
};

} // namespace agent::core
