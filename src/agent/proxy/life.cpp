// The life of a proxy after its start: one coroutine follows each until it ends, from our side or
// its own. A process that dies is started again on the same port with the same session; only its
// own connections are lost.

#include "agent/parts.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <utility>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

} // namespace

void ManagedProxy::begin() {
    auto self = shared_from_this();
    parts_->proxies.add(self);
    parts_->tasks.spawn_lasting([self = std::move(self)] { return self->follow(); },
                                "follow proxy");
}

awaitable<void> ManagedProxy::follow() {
    for (;;) {
        const bool died = co_await follow_process();
        if (!died) break;
        const Course::Process was = course().process;
        on(CourseEvent::process_gone);
        while (enders > 0 && !ended()) co_await changed.wait();
        if (told_to_end()) { // nobody wants another one
            mark_ended(end_reason);
            break;
        }
        const bool revived = co_await revive(was);
        if (!revived) break;
    }
    if (status.authorized_here && !session_over())
        co_await settle_session();
    else
        session_done();
}

// true: the process has gone without a word.
awaitable<bool> ManagedProxy::follow_process() {
    const auto process = handle;
    for (bool again = false;;) {
        auto change = co_await process->next_change();
        if (ended()) co_return false;
        if (!change && change.error().code ==
                           Errc::limit_exceeded) { // we lack a descriptor: no word about the proxy
            co_await async::sleep_for(1s);
            continue;
        }
        if (!change) {
            if (again) log::warning("proxy={} lost: {}", status.name, change.error().message);
            if (again) co_return true;
            again = true; // subscribe once more: maybe only the connection has gone
            continue;
        }
        again = false;
        heard = Clock::now();
        unanswered = 0;
        const bool last = change->last || change->proxy.state == ProxyState::ended;
        const bool suspicious = change->kind == EventKind::connection_failed ||
                                change->kind == EventKind::connection_closed;
        take_change(std::move(*change));
        if (last && making_way()) co_return true;
        if (last) {
            mark_ended(Reason(status.reason_code, status.reason));
            co_return false;
        }
        if (!suspicious || providing() || !settings) continue;
        const bool asking = checking();
        on(CourseEvent::suspicion);
        if (!asking) spawn(check_session(), "check session");
    }
}

// A process of an older version goes on for as long as it carries something.
void ManagedProxy::make_way_when_idle() {
    spawn(make_way(), "make way");
}

awaitable<void> ManagedProxy::make_way() {
    const auto busy = [this] {
        return status.connections_open > 0 || status.clients_waiting > 0 || providing();
    };
    while (!ended() && busy()) co_await changed.wait();
    if (ended()) co_return;
    on(CourseEvent::told_to_make_way);
    if (!making_way()) co_return; // it has just gone: the next one is of our version
    const auto process = handle;
    const Reason why(ReasonCode::process_replaced, "Replaced by version " AGENT_VERSION);
    const auto stopped = co_await process->hand_over(why);
    if (stopped) co_return;
    log::warning("proxy={} does not make way: {}", spec.name, stopped.error().message);
    if (stopped.error().code == Errc::timed_out && !ended() && handle == process)
        co_await end_hung(shared_from_this(), process);
}

void ManagedProxy::tell_started(std::string message) {
    parts_->events.publish(EventKind::proxy_started, std::move(message), status);
    // It began without its port before anybody could follow it.
    if (status.state == ProxyState::blocked)
        parts_->events.publish(EventKind::port_blocked, status.reason, status);
}

void ManagedProxy::take_change(ProxyChange change) {
    show(std::move(change.proxy));
    const bool stopping = status.state == ProxyState::stopping;
    const bool ending = stopping || status.state == ProxyState::ended;
    if (ending && !making_way()) tell_session_end();
    const EventKind kind = change.kind;
    if (kind == EventKind::connection_opened) put_back_times = 0;
    if (kind == EventKind::proxy_started)
        spawn(parts_->listeners.hold(shared_from_this()), "hold listeners"); // it has its port back
    if (stopping && !making_way()) parts_->listeners.let_go(*this);
    if (kind == EventKind::session_given) {
        parts_->expiry.look_again();
        parts_->held.look();
    }
    const bool of_held =
        change.session_id.empty() || change.session_id == held_session; // else of one before
    if (kind == EventKind::session_ended && of_held && !held_session.empty()) {
        // Expired and used-up ones end by themselves. One that was given up for want of use was
        // canceled through a worker, or not: the controller is asked as well.
        if (change.reason_code == ReasonCode::inactive)
            spawn(settle_session(), "settle session");
        else
            session_done();
    }
    if (kind == EventKind::session_wanted || kind == EventKind::session_lost)
        parts_->events.publish(EventKind::proxy_changed, change.message,
                               status); // between us and the proxy
    else if (kind != EventKind::proxy_started && kind != EventKind::proxy_ended) { // ours say these
        ProxyStatus told = status;
        const bool about_its_end = kind == EventKind::session_ended && !change.session_id.empty();
        if (about_its_end)
            told.session_id = change.session_id; // the proxy may have none by now, or the next
        if (about_its_end) told_end = change.session_id;
        parts_->events.publish(kind, Reason(change.reason_code, change.message), std::move(told));
    }
    const bool wants = kind == EventKind::session_wanted || status.clients_waiting > 0 ||
                       (status.eager && status.session_id.empty());
    if (wants) want_session();
}

void ManagedProxy::show(ProxyStatus told) {
    status = std::move(told);
    status.name = spec.name; // its key
    ++revision;
    changed.notify_all();
}

} // namespace agent::core
