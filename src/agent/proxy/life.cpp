// The life of a proxy after its start: one coroutine follows each until it ends, from our side or
// its own. A process that dies is started again on the same port with the same session; only its
// own connections are lost.

#include "agent/agent.hpp"
#include "agent/this_boot.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

#include <utility>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t deaths_a_minute = 5; // of a transient proxy, before it is given up
constexpr std::chrono::milliseconds longest_pause{30'000};
constexpr int tries_of_transient = 3;
constexpr auto clients_wait = 60s; // in the kernel's queue, for a process

} // namespace

awaitable<void> Agent::follow(std::shared_ptr<ManagedProxy> proxy) {
    for (;;) {
        const bool died = co_await follow_process(proxy);
        if (!died) break;
        const Course::Process was = proxy->course().process;
        proxy->on(CourseEvent::process_gone);
        while (proxy->enders > 0 && !proxy->ended()) co_await proxy->changed.wait();
        if (proxy->told_to_end()) { // nobody wants another one
            mark_ended(*proxy, proxy->end_reason);
            break;
        }
        const bool revived = co_await revive(proxy, was);
        if (!revived) break;
    }
    if (proxy->status.authorized_here && !proxy->session_over())
        co_await settle_session(proxy);
    else
        session_done(*proxy);
}

// true: the process has gone without a word.
awaitable<bool> Agent::follow_process(std::shared_ptr<ManagedProxy> proxy) {
    const auto handle = proxy->handle;
    for (bool again = false;;) {
        auto change = co_await handle->next_change();
        if (proxy->ended()) co_return false;
        if (!change && change.error().code ==
                           Errc::limit_exceeded) { // we lack a descriptor: no word about the proxy
            co_await async::sleep_for(1s);
            continue;
        }
        if (!change) {
            if (again)
                log::warning("proxy={} lost: {}", proxy->status.name, change.error().message);
            if (again) co_return true;
            again = true; // subscribe once more: maybe only the connection has gone
            continue;
        }
        again = false;
        proxy->heard = Clock::now();
        proxy->unanswered = 0;
        const bool last = change->last || change->proxy.state == ProxyState::ended;
        const bool suspicious = change->kind == EventKind::connection_failed ||
                                change->kind == EventKind::connection_closed;
        take_change(proxy, std::move(*change));
        if (last && proxy->making_way()) co_return true;
        if (last) {
            mark_ended(*proxy, Reason(proxy->status.reason_code, proxy->status.reason));
            co_return false;
        }
        if (!suspicious || proxy->providing() || !proxy->settings) continue;
        const bool asking = proxy->checking();
        proxy->on(CourseEvent::suspicion);
        if (!asking) tasks_.spawn(check_session(proxy), "check session");
    }
}

// A process of an older version goes on for as long as it carries something.
awaitable<void> Agent::replace_when_idle(std::shared_ptr<ManagedProxy> proxy) {
    const auto busy = [&proxy] {
        return proxy->status.connections_open > 0 || proxy->status.clients_waiting > 0 ||
               proxy->providing();
    };
    while (!proxy->ended() && busy()) co_await proxy->changed.wait();
    if (proxy->ended()) co_return;
    proxy->on(CourseEvent::told_to_make_way);
    if (!proxy->making_way()) co_return; // it has just gone: the next one is of our version
    const auto handle = proxy->handle;
    const Reason why(ReasonCode::process_replaced, "Replaced by version " AGENT_VERSION);
    const auto stopped = co_await handle->hand_over(why);
    if (stopped) co_return;
    log::warning("proxy={} does not make way: {}", proxy->spec.name, stopped.error().message);
    if (stopped.error().code == Errc::timed_out && !proxy->ended() && proxy->handle == handle)
        co_await end_hung(proxy, handle);
}

awaitable<bool> Agent::revive(std::shared_ptr<ManagedProxy> proxy, Course::Process was) {
    const auto died = Clock::now();
    const Reason how(was == Course::Process::hung ? ReasonCode::process_hung
                                                  : ReasonCode::process_died);
    Reason what(how.code, how.text + " and is started again");
    if (was == Course::Process::making_way)
        what = Reason(ReasonCode::process_replaced,
                      "agent-proxy is replaced by version " AGENT_VERSION);
    proxy->unanswered = 0;
    count(*proxy);
    proxy->counted = {};
    proxy->deaths.push_back(Clock::now());
    while (proxy->deaths.front() < Clock::now() - 60s) proxy->deaths.pop_front();
    auto secrets = secrets_of(*proxy);
    const bool hopeless =
        !proxy->persistent() && (!secrets || proxy->deaths.size() > deaths_a_minute);
    if (hopeless) {
        mark_ended(*proxy, how);
        co_return false;
    }
    ProxyStatus gone = proxy->status;
    gone.state = ProxyState::starting;
    gone.set_reason(what);
    gone.since = format_rfc3339(wall_now());
    gone.pid = 0;
    gone.connections_open = 0;
    gone.clients_waiting = 0;
    show(*proxy, gone);
    events_.publish(EventKind::proxy_changed, gone.reason, proxy->status);

    std::chrono::milliseconds pause{100};
    for (int tries = 1;; ++tries) {
        const auto started = co_await start_process(proxy, secrets);
        if (proxy->ended() || proxy->told_to_end()) { // somebody disconnected it meanwhile
            const auto handle = proxy->handle;
            const Reason gone_meanwhile(ReasonCode::disconnected);
            if (started) (void)co_await end_process(handle, gone_meanwhile, false);
            if (!proxy->ended()) mark_ended(*proxy, proxy->end_reason);
            co_return false;
        }
        if (started) break;
        log::warning("proxy={} cannot be started again: {}", proxy->status.name,
                     started.error().message);
        const bool over = started.error().code == Errc::session_over;
        if (!proxy->persistent() && (over || tries == tries_of_transient)) {
            mark_ended(*proxy, Reason(ReasonCode::start_failed, started.error().message));
            co_return false;
        }
        if (over) session_done(*proxy);
        if (Clock::now() - died > clients_wait)
            listeners_.let_go(*proxy); // the clients in its queue have waited enough
        co_await async::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
        secrets = secrets_of(*proxy); // its session may be over by now
    }
    tell_started(what.text, proxy->status);
    if (proxy->persistent() && proxy->status.eager && proxy->status.session_id.empty())
        want_session(proxy);
    co_return true;
}

// The first process of a proxy and every later one.
awaitable<Result<ProxyStatus>> Agent::start_process(std::shared_ptr<ManagedProxy> proxy,
                                                    std::optional<SessionSecrets> secrets) {
    auto launched = co_await launcher_.launch();
    if (!launched) co_return launched.error();
    std::shared_ptr<ProxyHandle> handle = std::move(*launched);
    co_return co_await serve(std::move(proxy), std::move(handle), std::move(secrets));
}

// From a process to a proxy that listens.
awaitable<Result<ProxyStatus>> Agent::serve(std::shared_ptr<ManagedProxy> proxy,
                                            std::shared_ptr<ProxyHandle> handle,
                                            std::optional<SessionSecrets> secrets) {
    ProxySpec spec = proxy->spec;
    if (secrets) {
        spec.authorization_token = std::move(secrets->authorization_token);
        spec.tofu_token = std::move(secrets->tofu_token);
    }
    auto served = co_await handle->serve(std::move(spec));
    if (!served) {
        const Reason why(ReasonCode::start_failed, "could not start");
        const auto end = co_await end_process(handle, why, false);
        if (!end)
            log::error("failed proxy={} may run on: {}", proxy->spec.name, end.error().message);
        co_return served;
    }
    proxy->handle = handle;
    proxy->protocol_version = current_protocol;
    proxy->spec.listen_port = served->port; // the same from now on, come what may
    proxy->spec.wait_for_port = true;
    proxy->on(CourseEvent::process_serves);
    show(*proxy, *served);
    co_await listeners_.hold(proxy);
    if (proxy->persistent()) {
        const auto written = store_.set_port(proxy->spec.name, served->port);
        if (!written) log::warning("{}", written.error().message);
    }
    co_return served;
}

void Agent::tell_started(std::string message, const ProxyStatus& proxy) {
    events_.publish(EventKind::proxy_started, std::move(message), proxy);
    // It began without its port before anybody could follow it.
    if (proxy.state == ProxyState::blocked)
        events_.publish(EventKind::port_blocked, proxy.reason, proxy);
}

void Agent::take_change(const std::shared_ptr<ManagedProxy>& proxy, ProxyChange change) {
    show(*proxy, std::move(change.proxy));
    const bool stopping = proxy->status.state == ProxyState::stopping;
    const bool ending = stopping || proxy->status.state == ProxyState::ended;
    if (ending && !proxy->making_way()) tell_session_end(*proxy);
    const EventKind kind = change.kind;
    if (kind == EventKind::connection_opened) proxy->put_back = 0;
    if (kind == EventKind::proxy_started)
        tasks_.spawn(listeners_.hold(proxy), "hold listeners"); // it has its port back
    if (stopping && !proxy->making_way()) listeners_.let_go(*proxy);
    if (kind == EventKind::session_given) {
        expiry_.look_again();
        held_changed();
    }
    const bool of_held =
        change.session_id.empty() || change.session_id == proxy->held_session; // else of one before
    if (kind == EventKind::session_ended && of_held && !proxy->held_session.empty()) {
        // Expired and used-up ones end by themselves. One that was given up for want of use was
        // canceled through a worker, or not: the controller is asked as well.
        if (change.reason_code == ReasonCode::inactive)
            tasks_.spawn(settle_session(proxy), "settle session");
        else
            session_done(*proxy);
    }
    if (kind == EventKind::session_wanted || kind == EventKind::session_lost)
        events_.publish(EventKind::proxy_changed, change.message,
                        proxy->status); // between us and the proxy
    else if (kind != EventKind::proxy_started && kind != EventKind::proxy_ended) { // ours say these
        ProxyStatus told = proxy->status;
        const bool about_its_end = kind == EventKind::session_ended && !change.session_id.empty();
        if (about_its_end)
            told.session_id = change.session_id; // the proxy may have none by now, or the next
        if (about_its_end) proxy->told_end = change.session_id;
        events_.publish(kind, Reason(change.reason_code, change.message), std::move(told));
    }
    const bool wants = kind == EventKind::session_wanted || proxy->status.clients_waiting > 0 ||
                       (proxy->status.eager && proxy->status.session_id.empty());
    if (wants) want_session(proxy);
}

void Agent::show(ManagedProxy& proxy, ProxyStatus status) {
    proxy.status = std::move(status);
    proxy.status.name = proxy.spec.name; // its key
    ++proxy.revision;
    proxy.changed.notify_all();
}

void Agent::mark_ended(ManagedProxy& proxy, Reason reason) {
    if (proxy.ended()) return;
    count(proxy);
    listeners_.let_go(proxy);
    proxy.on(CourseEvent::proxy_ended);
    proxy.status.state = ProxyState::ended;
    if (!reason.text.empty()) proxy.status.set_reason(std::move(reason));
    proxy.status.connections_open = 0;
    ++proxy.revision;
    tell_session_end(proxy);
    proxies_.remove(proxy);
    const bool kept = find_remembered(proxy.spec.name)
                          .has_value(); // config.toml may have taken the name meanwhile
    if (!proxy.persistent() && !kept) (void)store_.forget_proxy(proxy.spec.name);
    proxy.changed.notify_all();
    proxy.hurry.notify_all();
    events_.publish(EventKind::proxy_ended, Reason(proxy.status.reason_code, proxy.status.reason),
                    proxy.status);
}

void Agent::tell_session_end(ManagedProxy& proxy) {
    const std::string& id = proxy.status.session_id;
    if (id.empty() || proxy.told_end == id) return;
    proxy.told_end = id;
    events_.publish(EventKind::session_ended, Reason(proxy.status.reason_code, proxy.status.reason),
                    proxy.status);
}

// Adds what has happened since the last time to what is remembered of this proxy. How much of the
// process's own figures that is stands beside it: the process outlives us, and whoever adopts it
// goes on from there.
void Agent::count(ManagedProxy& proxy) {
    if (!proxy.persistent()) return;
    state::Counters now;
    now.connections = proxy.status.connections_total;
    now.failures = proxy.status.connections_failed;
    now.bytes_up = proxy.status.bytes_up;
    now.bytes_down = proxy.status.bytes_down;
    state::Counters more = now;
    more.connections -= proxy.counted.connections;
    more.failures -= proxy.counted.failures;
    more.bytes_up -= proxy.counted.bytes_up;
    more.bytes_down -= proxy.counted.bytes_down;
    proxy.counted = now;
    if (more == state::Counters{}) return;
    const auto added = store_.add_counters(proxy.spec.name, more, process_of(proxy.status), now);
    if (!added) log::warning("{}", added.error().message);
}

} // namespace agent::core
