#include "agent/agent.hpp"

#include "agent/session/expiring.hpp"
#include "base/log.hpp"

namespace agent::core {

Agent::Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
             ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
             PingPace ping)
    : executor_(executor), logins_(logins), clusters_(clusters), launcher_(launcher), store_(store),
      controllers_(executor, logins), events_(executor),
      session_calls_(controllers_, events_,
                     [this](const Json& session) { notice_session(session); }),
      ledger_(executor, controllers_, session_calls_, logins, store,
              [this](const std::string& id) { return carries(id); }),
      listeners_(listener_store), pings_(proxies_, tasks_, ping),
      expiry_(executor, events_, [this] { return what_expires(); }), opened_(executor),
      tasks_(executor) {
    events_.record_with([this](const AgentEvent& event) {
        if (event.kind.starts_with("connection-") || event.kind == "proxy-changed")
            return; // too many to remember
        const state::EventRecord row{event.time, event.kind, event.proxy ? event.proxy->name : "",
                                     event.message};
        const auto written = store_.add_event(row);
        if (!written) log::warning("{}", written.error().message);
    });
}

void Agent::leave_controllers() {
    controllers_.leave();
}

awaitable<std::vector<Expiring>> Agent::what_expires() {
    co_await logins_.ready();
    co_return expiring(logins_, proxies_);
}

awaitable<void> Agent::stop() {
    for (const auto& [name, proxy] : proxies_.all()) count(*proxy);
    co_await tasks_.stop();
}

awaitable<Result<ItemReply>> Agent::authorize_session(ClusterChoice choice, TargetWords words) {
    return ledger_.hand_out(std::move(choice), std::move(words));
}

awaitable<Result<ItemReply>> Agent::cancel_session(ClusterChoice choice, std::string id,
                                                   std::optional<std::int64_t> version) {
    return session_calls_.cancel(std::move(choice), std::move(id), version);
}

} // namespace agent::core
