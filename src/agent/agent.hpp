#pragma once
// The agent: logins, proxies and the use cases, one file each. agentd/commands calls it for every
// verb; it knows neither the words of the wire nor processes.

#include "agent/clusters/clusters.hpp"
#include "agent/clusters/controllers.hpp"
#include "agent/declarations.hpp"
#include "agent/event_hub.hpp"
#include "agent/history.hpp"
#include "agent/process/end_process.hpp"
#include "agent/process/launching.hpp"
#include "agent/process/listener_keeping.hpp"
#include "agent/process/proxy_pings.hpp"
#include "agent/proxies.hpp"
#include "agent/proxy_launcher.hpp"
#include "agent/session/expiry_watch.hpp"
#include "agent/session/session_ledger.hpp"
#include "agent/session_watch/times.hpp"
#include "agent/verbs/verbs.hpp"
#include "agent/words.hpp"
#include "async/task_group.hpp"
#include "controller/client.hpp"
#include "controller/list.hpp"
#include "keyring/logins.hpp"
#include "state/state_store.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace agent::core {

class Agent {
  public:
    Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
          ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
          PingPace ping = {});

    /// Takes over the proxies of an earlier agentd, starts those that are remembered and not
    /// running, and cancels the sessions that nobody holds any more. Once, before the first use
    /// case.
    awaitable<void> adopt();
    /// No call waits for a controller any longer: it fails, and what it left unsettled is the next
    /// agentd's.
    void leave_controllers();
    /// Lets go of the proxies; they live on.
    awaitable<void> stop();

    awaitable<Result<Authenticated>> authenticate(ClusterChoice choice, Credentials credentials);
    awaitable<Result<LoggedOut>> logout(ClusterChoice choice);
    awaitable<Result<controller::ItemList>> list(ClusterChoice choice, ListWords words,
                                                 controller::PageObserver* observer);
    awaitable<Result<ItemReply>> read(ClusterChoice choice, std::string resource, std::string id);
    awaitable<Result<int>> delete_resource(ClusterChoice choice, std::string resource,
                                           std::string id);
    /// A request about the controller's resources that is none of the three above.
    awaitable<Result<controller::Reply>> call_api(ClusterChoice choice, ApiWords words);
    /// Any status of the controller is a Reply.
    awaitable<Result<controller::Reply>> forward(ClusterChoice choice, ForwardWords words);
    awaitable<Result<ItemReply>> authorize_session(ClusterChoice choice, TargetWords words);
    awaitable<Result<ItemReply>> cancel_session(ClusterChoice choice, std::string id,
                                                std::optional<std::int64_t> version);
    awaitable<Result<Connected>> connect(ClusterChoice choice, ConnectWords words,
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
    /// How often held sessions are looked at; before adopt().
    void pace_watch(session_watch::Times times) { watch_times_ = times; }

    /// The cluster that a target's name or alias means, when none was named and several are signed
    /// in to.
    awaitable<Result<ClusterChoice>> locate(ClusterChoice choice, TargetWords words);

    Controllers& controllers() { return controllers_; }
    Clusters& clusters() { return clusters_; }
    keyring::Logins& logins() { return logins_; }
    const state::StateStore& store() const { return store_; }
    const Proxies& proxies() const { return proxies_; }
    EventHub& events() { return events_; }

  private:
    // adopt.cpp
    /// What stands in the way of a process at a login may be gone in a minute.
    awaitable<void> bring_back(state::ProxyRecord record,
                               std::shared_ptr<const net::ListeningSockets> listeners);
    awaitable<void> end_stopped(state::ProxyRecord record);

    // connect.cpp
    awaitable<Result<Authorized>> authorize_for(ClusterChoice choice, ConnectWords words);
    /// What the proxy will be, without its session.
    static std::shared_ptr<ManagedProxy> make_proxy(boost::asio::any_io_executor executor,
                                                    const ClusterChoice& choice,
                                                    const ConnectWords& words);
    awaitable<Result<ProxyStatus>> start_proxy(ClusterChoice choice, ConnectWords words,
                                               const Authorized& authorized, Launching& launching,
                                               ConnectObserver& observer);
    void follow_new(std::shared_ptr<ManagedProxy> proxy);

    // reuse.cpp
    awaitable<Result<Connected>> connect_reusing(ClusterChoice choice, ConnectWords words,
                                                 ConnectObserver& observer);

    // disconnect.cpp
    awaitable<Result<ProcessEnd>> stop_proxy(std::shared_ptr<ManagedProxy> proxy, Reason reason,
                                             bool cancel_session);
    awaitable<void> end_proxy(std::shared_ptr<ManagedProxy> proxy, Reason reason);
    Result<Disconnected> disconnect_remembered(const std::string& name, bool forget);

    // life.cpp: one coroutine follows each proxy until it ends, and starts its process again when
    // that dies
    awaitable<void> follow(std::shared_ptr<ManagedProxy> proxy);
    awaitable<bool> follow_process(std::shared_ptr<ManagedProxy> proxy);
    awaitable<void> replace_when_idle(std::shared_ptr<ManagedProxy> proxy);
    awaitable<bool> revive(std::shared_ptr<ManagedProxy> proxy, Course::Process was);
    awaitable<Result<ProxyStatus>> start_process(std::shared_ptr<ManagedProxy> proxy,
                                                 std::optional<SessionSecrets> secrets);
    awaitable<Result<ProxyStatus>> serve(std::shared_ptr<ManagedProxy> proxy,
                                         std::shared_ptr<ProxyHandle> handle,
                                         std::optional<SessionSecrets> secrets);
    void take_change(const std::shared_ptr<ManagedProxy>& proxy, ProxyChange change);
    /// Once for each session, and before the state and the removal that follow from it.
    void tell_session_end(ManagedProxy& proxy);
    void tell_started(std::string message, const ProxyStatus& proxy);
    void show(ManagedProxy& proxy, ProxyStatus status);
    void mark_ended(ManagedProxy& proxy, Reason reason);
    void count(ManagedProxy& proxy);

    // held_session.cpp
    void session_done(ManagedProxy& proxy);
    std::optional<SessionSecrets> secrets_of(const ManagedProxy& proxy);
    awaitable<void> settle_session(std::shared_ptr<ManagedProxy> proxy);

    // judge_session.cpp: what the controller says about a session
    static ClusterChoice choice_of(const ManagedProxy& proxy);
    awaitable<void> check_session(std::shared_ptr<ManagedProxy> proxy);
    awaitable<void> check_session_once(std::shared_ptr<ManagedProxy> proxy, std::string id);
    /// A session object that says "canceling" or "terminated" is over for the proxy that carries
    /// it.
    void notice_session(const Json& session);
    awaitable<void> session_is_over(std::shared_ptr<ManagedProxy> proxy, Json session);
    awaitable<bool> canceled_by_somebody(std::shared_ptr<ManagedProxy> proxy, Json session);

    // watch_sessions.cpp: whether what is held still lives (session_watch/)
    class Watch;
    void watch_sessions(session_watch::Times times);
    void held_changed();
    void suspect_session(const std::string& id);
    void hurry_watch();
    void login_refused(const ClusterChoice& choice);
    awaitable<void> auth_token_deleted(std::string address, std::string id);
    /// Unless another one has this name by now.
    awaitable<void> login_has_gone(keyring::Key key, std::string token_id);
    /// "s_… of proxy pg": what ends with the login.
    std::vector<std::string> drop_sessions_of(const keyring::Key& key, const Reason& reason);

    // provide_session.cpp: from a wish to a session
    enum class Step : std::uint8_t { again, done };
    void want_session(const std::shared_ptr<ManagedProxy>& proxy);
    awaitable<void> provide_session(std::shared_ptr<ManagedProxy> proxy);
    awaitable<Step> provide_once(std::shared_ptr<ManagedProxy> proxy);
    awaitable<Step> put_back(std::shared_ptr<ManagedProxy> proxy); // put_back.cpp
    awaitable<Step> give(std::shared_ptr<ManagedProxy> proxy, Authorized authorized);
    awaitable<Step> weigh_failure(std::shared_ptr<ManagedProxy> proxy, Error error);
    awaitable<void> hold(std::shared_ptr<ManagedProxy> proxy, Wait wait, Reason reason);
    awaitable<Step> wait_login(std::shared_ptr<ManagedProxy> proxy, Error why);
    awaitable<bool> login_works(ClusterChoice choice);
    void hurry_all();
    void logged_in();
    void network_changed();

    // keep.cpp: what is remembered
    Status remember(const ManagedProxy& proxy, model::ProxySource source);
    Result<std::shared_ptr<ManagedProxy>> from_record(const state::ProxyRecord& record);
    awaitable<Status> start_remembered(state::ProxyRecord record,
                                       std::shared_ptr<const net::ListeningSockets> listeners);
    std::optional<state::ProxyRecord> find_remembered(const std::string& name);

    // logout.cpp
    awaitable<void> forget_login(std::shared_ptr<ManagedProxy> proxy, Reason reason);

    boost::asio::any_io_executor executor_;
    keyring::Logins& logins_;
    Clusters& clusters_;
    ProxyLauncher& launcher_;
    state::StateStore& store_;
    Controllers controllers_;
    EventHub events_;
    History history_;
    Proxies proxies_;
    SessionCalls session_calls_;
    SessionLedger ledger_;
    ListenerKeeping listeners_;
    ProxyPings pings_;
    ExpiryWatch expiry_;
    std::set<std::string> opening_; ///< ways to which a reusable proxy is being started
    async::Event opened_;           ///< one of them less
    session_watch::Times watch_times_;
    std::shared_ptr<Watch> watch_; ///< from adopt() on
    async::TaskGroup tasks_;
};

} // namespace agent::core
