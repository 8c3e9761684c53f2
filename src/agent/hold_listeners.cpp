// Hold listeners: agentd holds the listening sockets of each proxy as well. While a killed
// agent-proxy is replaced its clients wait in the kernel's queue, and the next process goes on with
// the same sockets.

#include "agent/agent.hpp"

#include "base/log.hpp"

#include <utility>

namespace agent::core {
namespace {
constexpr std::int64_t shares_listeners = 3; // the first protocol that does
}

awaitable<void> Agent::hold_listeners(std::shared_ptr<RunningProxy> proxy) {
    if (proxy->protocol_version < shares_listeners) co_return;
    const auto handle = proxy->handle;
    auto shared = co_await handle->share_listeners();
    if (!shared) {
        log::warning("proxy={} does not share its listeners: {}", proxy->spec.name,
                     shared.error().message);
        co_return;
    }
    if (proxy->ended || proxy->handle != handle) co_return;
    proxy->spec.listeners = std::make_shared<const net::ListeningSockets>(std::move(*shared));
    listener_store_.put(proxy->spec.name, *proxy->spec.listeners);
}

// Nobody is to wait at a port that nobody serves.
void Agent::let_go_of_listeners(RunningProxy& proxy) {
    const auto held = std::exchange(proxy.spec.listeners, nullptr);
    if (held) held->shut();
    listener_store_.drop(proxy.spec.name);
}

} // namespace agent::core
