// The end of a proxy: told to its process, and to everybody; and what is counted until then.

#include "agent/parts.hpp"
#include "agent/proxy/remembered.hpp"
#include "agent/this_boot.hpp"

#include "base/log.hpp"

#include <filesystem>

namespace agent::core {

awaitable<Result<ProcessEnd>> ManagedProxy::stop(Reason reason, bool cancel_session) {
    struct Ender { // until it is known how that went follow() does not take a process that goes for
                   // a crash
        explicit Ender(ManagedProxy& proxy) : proxy_(proxy) { ++proxy_.enders; }
        Ender(const Ender&) = delete;
        ~Ender() {
            --proxy_.enders;
            proxy_.changed.notify_all();
        }
        ManagedProxy& proxy_;
    } const ender(*this);
    end_reason = reason;
    on(CourseEvent::told_to_end);
    const std::string pid = std::to_string(status.pid);
    const auto process = handle;
    auto ending = co_await end_process(process, reason, cancel_session);
    if (!ending) {
        parts_->listeners.let_go(*this); // it may run on, but nobody is to connect to it
        log::error("proxy={} pid={} did not end: {}", spec.name, pid, ending.error().message);
        co_return fail(Errc::proxy_failed, Hop::local,
                       "proxy " + spec.name + " did not end: " + ending.error().message,
                       "kill -9 " + pid);
    }
    if (ended()) co_return ending;
    if (ending->last_words) show(*ending->last_words);
    if (ending->killed) {
        reason.text += "; agent-proxy did not answer and was killed";
        std::error_code ignored; // a dead one removes no files; who comes next would do it, too
        if (!status.socket_path.empty()) std::filesystem::remove(status.socket_path, ignored);
    }
    mark_ended(reason);
    co_return ending;
}

awaitable<void> ManagedProxy::end(Reason reason) {
    if (!ended()) (void)co_await stop(std::move(reason), false);
}

void ManagedProxy::mark_ended(Reason reason) {
    if (ended()) return;
    count();
    parts_->listeners.let_go(*this);
    on(CourseEvent::proxy_ended);
    status.state = ProxyState::ended;
    if (!reason.text.empty()) status.set_reason(std::move(reason));
    status.connections_open = 0;
    ++revision;
    tell_session_end();
    parts_->proxies.remove(*this);
    const bool kept = find_remembered(parts_->store, spec.name)
                          .has_value(); // config.toml may have taken the name meanwhile
    if (!persistent() && !kept) (void)parts_->store.forget_proxy(spec.name);
    changed.notify_all();
    hurry.notify_all();
    parts_->events.publish(EventKind::proxy_ended, Reason(status.reason_code, status.reason),
                           status);
}

void ManagedProxy::tell_session_end() {
    const std::string& id = status.session_id;
    if (id.empty() || told_end == id) return;
    told_end = id;
    parts_->events.publish(EventKind::session_ended, Reason(status.reason_code, status.reason),
                           status);
}

// Adds what has happened since the last time to what is remembered of this proxy. How much of the
// process's own figures that is stands beside it: the process outlives us, and whoever adopts it
// goes on from there.
void ManagedProxy::count() {
    if (!persistent()) return;
    state::Counters now;
    now.connections = status.connections_total;
    now.failures = status.connections_failed;
    now.bytes_up = status.bytes_up;
    now.bytes_down = status.bytes_down;
    state::Counters more = now;
    more.connections -= counted.connections;
    more.failures -= counted.failures;
    more.bytes_up -= counted.bytes_up;
    more.bytes_down -= counted.bytes_down;
    counted = now;
    if (more == state::Counters{}) return;
    const auto added = parts_->store.add_counters(spec.name, more, process_of(status), now);
    if (!added) log::warning("{}", added.error().message);
}

} // namespace agent::core
