// Check connections: the network changed or the machine slept. Connections to controllers that were
// kept are forgotten, the proxies look after theirs, and what waits for the network tries again at
// once.

#include "agent/parts.hpp"
#include "agent/verbs/verbs.hpp"

#include "base/log.hpp"

namespace agent::core::verbs {

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

void check_connections(const Parts& parts, const std::string& why) {
    log::info("checking connections: {}", why);
    parts.controllers.forget_connections();
    parts.proxies.network_back();
    parts.ledger.look_again();
    parts.held.hurry();
    for (const auto& [name, proxy] : parts.proxies.all())
        if (!proxy->ended() && proxy->handle && proxy->protocol_version >= checks_connections)
            parts.tasks.spawn(check_proxy(proxy, why), "check proxy");
}

} // namespace agent::core::verbs
