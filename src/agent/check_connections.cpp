// Check connections: the network changed or the machine slept. Connections to controllers that were
// kept are forgotten, the proxies look after theirs, and what waits for the network tries again at
// once.

#include "agent/agent.hpp"

#include "base/log.hpp"

namespace agent::core {

namespace {

constexpr std::int64_t checks_connections = 3; // the first protocol that does

awaitable<void> check_proxy(std::shared_ptr<ManagedProxy> proxy, std::string why) {
    const auto handle = proxy->handle; // it may be replaced meanwhile
    const auto checked = co_await handle->check(std::move(why));
    if (!checked)
        log::debug("check proxy={}: {}", proxy->status.name,
                   checked.error().message); // it may have just gone
}

} // namespace

void Agent::network_lost() {
    log::info("a part of the network went away");
    controllers_.forget_connections();
}

void Agent::check_connections(const std::string& why) {
    log::info("checking connections: {}", why);
    controllers_.forget_connections();
    network_changed();
    hurry_watch();
    for (const auto& [name, proxy] : proxies_.all())
        if (!proxy->ended() && proxy->handle && proxy->protocol_version >= checks_connections)
            tasks_.spawn(check_proxy(proxy, why), "check proxy");
}

} // namespace agent::core
