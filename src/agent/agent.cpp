#include "agent/agent.hpp"

#include "agent/history.hpp"
#include "agent/session/expiring.hpp"
#include "base/log.hpp"

namespace agent::core {
namespace {

EventHub::Recorder remember_in(state::StateStore& store) {
    return [&store, history = History()](const AgentEvent& event) mutable {
        if (!history.remembers(event)) return;
        const state::EventRecord row{event.time, std::string(name_of(event.kind)),
                                     event.proxy ? event.proxy->name : "", event.message};
        const auto written = store.add_event(row);
        if (!written) log::warning("{}", written.error().message);
    };
}

} // namespace

Agent::Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
             ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
             PingPace ping)
    : parts_{executor, logins,   clusters,       launcher, store,      controllers_,
             events_,  proxies_, session_calls_, ledger_,  listeners_, pings_,
             expiry_,  held_,    openings_,      tasks_},
      controllers_(executor, logins, clusters,
                   [this](const ClusterChoice& choice) { held_.login_refused(choice); }),
      events_(executor),
      session_calls_(controllers_, events_,
                     [this](const Json& session) { held_.session_is_over(session); }),
      ledger_(executor, controllers_, session_calls_, logins, store,
              [this](const std::string& id) { return proxies_.holder_of(id) != nullptr; }),
      listeners_(listener_store),
      expiry_(executor, events_, [this] { return expiring(parts_.logins, proxies_); }),
      held_(parts_), openings_(executor), pings_(proxies_, tasks_, ping), tasks_(executor) {
    events_.record_with(remember_in(store));
}

awaitable<void> Agent::adopt() {
    return verbs::adopt(parts_);
}

awaitable<void> Agent::stop() {
    for (const auto& [name, proxy] : proxies_.all()) proxy->count();
    co_await tasks_.stop();
}

awaitable<Result<Authenticated>> Agent::authenticate(ClusterChoice choice,
                                                     Credentials credentials) {
    return verbs::authenticate(parts_, std::move(choice), std::move(credentials));
}

awaitable<Result<LoggedOut>> Agent::logout(ClusterChoice choice) {
    return verbs::logout(parts_, std::move(choice));
}

awaitable<Result<ItemReply>> Agent::read(ClusterChoice choice, std::string resource,
                                         std::string id) {
    return verbs::read(controllers_, session_calls_, std::move(choice), std::move(resource),
                       std::move(id));
}

awaitable<Result<int>> Agent::delete_resource(ClusterChoice choice, std::string resource,
                                              std::string id) {
    return verbs::delete_resource(parts_, std::move(choice), std::move(resource), std::move(id));
}

awaitable<Result<controller::Reply>> Agent::call_api(ClusterChoice choice, ApiOptions options) {
    return verbs::call_api(parts_, std::move(choice), std::move(options));
}

awaitable<Result<controller::Reply>> Agent::forward(ClusterChoice choice, ForwardOptions options) {
    return verbs::forward(parts_, std::move(choice), std::move(options));
}

awaitable<Result<ItemReply>> Agent::authorize_session(ClusterChoice choice, TargetOptions options) {
    return ledger_.hand_out(std::move(choice), std::move(options));
}

awaitable<Result<ItemReply>> Agent::cancel_session(ClusterChoice choice, std::string id,
                                                   std::optional<std::int64_t> version) {
    return session_calls_.cancel(std::move(choice), std::move(id), version);
}

awaitable<Result<ClusterChoice>> Agent::locate(ClusterChoice choice, TargetOptions options) {
    return verbs::locate(controllers_, parts_.logins, parts_.clusters, std::move(choice),
                         std::move(options));
}

awaitable<Result<Connected>> Agent::connect(ClusterChoice choice, ConnectOptions options,
                                            ConnectObserver& observer) {
    return verbs::connect(parts_, std::move(choice), std::move(options), observer);
}

awaitable<Result<Disconnected>> Agent::disconnect(std::string name, bool forget) {
    return verbs::disconnect(parts_, std::move(name), forget);
}

awaitable<Result<ProxyStatus>> Agent::reconnect(std::string name) {
    return verbs::reconnect(parts_, std::move(name));
}

Result<Explanation> Agent::why(std::string name) {
    return verbs::why(proxies_, parts_.store, std::move(name));
}

awaitable<Result<AppliedDeclarations>> Agent::apply(std::vector<ProxyDeclaration> declarations) {
    return verbs::apply(parts_, std::move(declarations));
}

void Agent::check_connections(const std::string& why) {
    verbs::check_connections(parts_, why);
}

void Agent::network_lost() {
    log::info("a part of the network went away");
    controllers_.forget_connections();
}

} // namespace agent::core
