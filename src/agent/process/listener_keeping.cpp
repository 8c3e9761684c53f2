#include "agent/process/listener_keeping.hpp"

#include "base/log.hpp"

#include <utility>

namespace agent::core {
namespace {
constexpr std::int64_t shares_listeners = 3; // the first protocol that does
}

awaitable<void> ListenerKeeping::hold(std::shared_ptr<ManagedProxy> proxy) {
    if (proxy->protocol_version < shares_listeners) co_return;
    const auto handle = proxy->handle;
    auto shared = co_await handle->share_listeners();
    if (!shared) {
        log::warning("proxy={} does not share its listeners: {}", proxy->spec.name,
                     shared.error().message);
        co_return;
    }
    if (proxy->ended() || proxy->handle != handle) co_return;
    proxy->spec.listeners = std::make_shared<const net::ListeningSockets>(std::move(*shared));
    store_.put(proxy->spec.name, *proxy->spec.listeners);
}

void ListenerKeeping::let_go(ManagedProxy& proxy) {
    const auto held = std::exchange(proxy.spec.listeners, nullptr);
    if (held) held->shut();
    store_.drop(proxy.spec.name);
}

} // namespace agent::core
