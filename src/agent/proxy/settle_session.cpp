// The session that a proxy holds: what the ledger has of it, and what follows for the proxy when it
// is over.

#include "agent/parts.hpp"
#include "base/log.hpp"

namespace agent::core {

// The session is over, or canceled: nothing is left to do about it.
void ManagedProxy::session_done() {
    if (held_session.empty()) return;
    parts_->ledger.forget(settings ? settings->address : status.cluster, held_session);
    held_session.clear();
    put_back_times = 0;
    if (!persistent()) return;
    count();
    const auto added = parts_->store.add_session(spec.name);
    if (!added) log::warning("{}", added.error().message);
}

std::optional<SessionSecrets> ManagedProxy::session_secrets() const {
    if (held_session.empty() || session_over() || !settings) return std::nullopt;
    return parts_->ledger.secrets(settings->address, held_session);
}

// Cancels at the controller what was authorized here and may still live; its course says it then.
// Quiet when it was already.
awaitable<void> ManagedProxy::settle_session() {
    while (settling()) co_await changed.wait(); // somebody is at it
    const std::string id = held_session;
    if (!settings || id.empty()) co_return;
    const During settling_now(*this, CourseEvent::settling_began, CourseEvent::settling_stopped);
    ClusterChoice as = choice();
    const auto canceled = co_await parts_->ledger.cancel(std::move(as), id);
    if (canceled) {
        if (!persistent() || ended()) on(CourseEvent::session_known_over);
        if (held_session == id) session_done();
        co_return;
    }
    if (held_session == id) held_session.clear(); // the ledger goes on with it
    parts_->ledger.give_up(id);
    log::warning("session={} of proxy={} may live on: {}", id, status.name,
                 canceled.error().message);
}

} // namespace agent::core
