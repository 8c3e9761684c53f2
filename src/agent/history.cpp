#include "agent/history.hpp"

namespace agent::core {
namespace {

bool is_wait(ProxyState state) {
    return state == ProxyState::waiting_login || state == ProxyState::waiting_network ||
           state == ProxyState::blocked;
}

} // namespace

bool History::remembers(const AgentEvent& event) {
    if (!event.proxy) return true;
    const std::string& name = event.proxy->name;
    if (event.kind == EventKind::proxy_ended) {
        last_.erase(name);
        return true;
    }
    return is_news(last_[name], event);
}

bool History::is_news(Last& last, const AgentEvent& event) {
    const ProxyStatus& proxy = *event.proxy;
    // What it waits for is told as it begins, under whatever name that is told.
    const std::optional<ProxyState> wait =
        is_wait(proxy.state) ? std::optional(proxy.state) : std::nullopt;
    const bool new_wait = wait && last.wait != wait;
    if (proxy.state != ProxyState::authorizing) last.wait = wait; // it is asking, and may wait on
    switch (event.kind) {
    case EventKind::connection_opened:
    case EventKind::connection_closed:
        return false;
    case EventKind::connection_failed:
        if (last.failure == proxy.last_failure.code) return false;
        last.failure = proxy.last_failure.code;
        return true;
    case EventKind::connection_recovered:
        last.failure.reset();
        return true;
    case EventKind::proxy_changed:
        return new_wait;
    default:
        return true;
    }
}

} // namespace agent::core
