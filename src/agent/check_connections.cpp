// Check connections: the network changed or the machine slept. Nothing is asked of anybody who did not change; it is
// only no longer believed that what was open still is.

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
