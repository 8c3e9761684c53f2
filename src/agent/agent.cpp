#include "agent/agent.hpp"

#include "agent/session/expiring.hpp"
#include "base/log.hpp"

namespace agent::core {

Agent::Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
             ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
             PingPace ping)
    : executor_(executor), logins_(logins), clusters_(clusters), launcher_(launcher), store_(store),
      controllers_(executor, logins), events_(executor), listeners_(listener_store),
      pings_(proxies_, tasks_, ping), expiry_(executor, events_, [this] { return what_expires(); }),
      recover_now_(executor), opened_(executor), tasks_(executor) {
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

} // namespace agent::core
