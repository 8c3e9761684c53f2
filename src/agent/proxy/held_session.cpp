// The session that a proxy holds: what the ledger has of it, and what follows for the proxy when it
// is over.

#include "agent/agent.hpp"
#include "base/log.hpp"

namespace agent::core {

// The session is over, or canceled: nothing is left to do about it.
void Agent::session_done(ManagedProxy& proxy) {
    if (proxy.held_session.empty()) return;
    ledger_.forget(proxy.settings ? proxy.settings->address : proxy.status.cluster,
                   proxy.held_session);
    proxy.held_session.clear();
    proxy.put_back = 0;
    if (!proxy.persistent()) return;
    count(proxy);
    const auto added = store_.add_session(proxy.spec.name);
    if (!added) log::warning("{}", added.error().message);
}

std::optional<SessionSecrets> Agent::secrets_of(const ManagedProxy& proxy) {
    if (proxy.held_session.empty() || proxy.session_over() || !proxy.settings) return std::nullopt;
    return ledger_.secrets(proxy.settings->address, proxy.held_session);
}

// Cancels at the controller what was authorized here and may still live; its course says it then.
// Quiet when it was already.
awaitable<void> Agent::settle_session(std::shared_ptr<ManagedProxy> proxy) {
    while (proxy->settling()) co_await proxy->changed.wait(); // somebody is at it
    const std::string id = proxy->held_session;
    if (!proxy->settings || id.empty()) co_return;
    const During settling(*proxy, CourseEvent::settling_began, CourseEvent::settling_stopped);
    ClusterChoice choice = choice_of(*proxy);
    const auto canceled = co_await ledger_.cancel(std::move(choice), id);
    if (canceled) {
        if (!proxy->persistent() || proxy->ended()) proxy->on(CourseEvent::session_known_over);
        if (proxy->held_session == id) session_done(*proxy);
        co_return;
    }
    if (proxy->held_session == id) proxy->held_session.clear(); // the ledger goes on with it
    ledger_.give_up(id);
    log::warning("session={} of proxy={} may live on: {}", id, proxy->status.name,
                 canceled.error().message);
}

} // namespace agent::core
