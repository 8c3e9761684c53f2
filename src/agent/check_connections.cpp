// Check connections: the network changed or the machine slept. Connections to controllers that were kept are forgotten,
// and what waits for the network tries again at once. Proxies find dead connections by their own pings.

#include "agent/agent.hpp"

#include "base/log.hpp"

namespace agent::core {

awaitable<void> Agent::check_connections(std::string why) {
    log::info("checking connections: {}", why);
    for (auto& [settings, client] : clients_) client->forget_connections();
    network_changed();
    co_return;
}

} // namespace agent::core
