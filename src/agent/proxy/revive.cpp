// A proxy's processes: the first one, and the one that follows when it has gone, on the same port
// with the same session.

#include "agent/parts.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t deaths_a_minute = 5; // of a transient proxy, before it is given up
constexpr std::chrono::milliseconds longest_between_starts{30'000};
constexpr int tries_of_transient = 3;
constexpr auto clients_wait = 60s; // in the kernel's queue, for a process

} // namespace

awaitable<bool> ManagedProxy::revive(Course::Process was) {
    const auto died = Clock::now();
    const Reason how(was == Course::Process::hung ? ReasonCode::process_hung
                                                  : ReasonCode::process_died);
    Reason what(how.code, how.text + " and is started again");
    if (was == Course::Process::making_way)
        what = Reason(ReasonCode::process_replaced,
                      "agent-proxy is replaced by version " AGENT_VERSION);
    unanswered = 0;
    count();
    counted = {};
    deaths.push_back(Clock::now());
    while (deaths.front() < Clock::now() - 60s) deaths.pop_front();
    auto secrets = session_secrets();
    const bool hopeless = !persistent() && (!secrets || deaths.size() > deaths_a_minute);
    if (hopeless) {
        mark_ended(how);
        co_return false;
    }
    ProxyStatus gone = status;
    gone.state = ProxyState::starting;
    gone.set_reason(what);
    gone.since = format_rfc3339(wall_now());
    gone.pid = 0;
    gone.connections_open = 0;
    gone.clients_waiting = 0;
    show(gone);
    parts_->events.publish(EventKind::proxy_changed, gone.reason, status);

    std::chrono::milliseconds pause{100};
    for (int tries = 1;; ++tries) {
        const auto started = co_await start(secrets);
        if (ended() || told_to_end()) { // somebody disconnected it meanwhile
            const auto process = handle;
            const Reason gone_meanwhile(ReasonCode::disconnected);
            if (started) (void)co_await end_process(process, gone_meanwhile, false);
            if (!ended()) mark_ended(end_reason);
            co_return false;
        }
        if (started) break;
        log::warning("proxy={} cannot be started again: {}", status.name, started.error().message);
        const bool over = started.error().code == Errc::session_over;
        if (!persistent() && (over || tries == tries_of_transient)) {
            mark_ended(Reason(ReasonCode::start_failed, started.error().message));
            co_return false;
        }
        if (over) session_done();
        if (Clock::now() - died > clients_wait)
            parts_->listeners.let_go(*this); // the clients in its queue have waited enough
        co_await async::sleep_for(pause);
        pause = std::min(pause * 2, longest_between_starts);
        secrets = session_secrets(); // its session may be over by now
    }
    tell_started(what.text);
    if (persistent() && status.eager && status.session_id.empty()) want_session();
    co_return true;
}

// The first process of a proxy and every later one.
awaitable<Result<ProxyStatus>> ManagedProxy::start(std::optional<SessionSecrets> secrets) {
    auto launched = co_await parts_->launcher.launch();
    if (!launched) co_return launched.error();
    std::shared_ptr<ProxyHandle> process = std::move(*launched);
    co_return co_await serve(std::move(process), std::move(secrets));
}

// From a process to a proxy that listens.
awaitable<Result<ProxyStatus>> ManagedProxy::serve(std::shared_ptr<ProxyHandle> process,
                                                   std::optional<SessionSecrets> secrets) {
    ProxySpec told = spec;
    if (secrets) {
        told.authorization_token = std::move(secrets->authorization_token);
        told.tofu_token = std::move(secrets->tofu_token);
    }
    auto served = co_await process->serve(std::move(told));
    if (!served) {
        const Reason why(ReasonCode::start_failed, "could not start");
        const auto end = co_await end_process(process, why, false);
        if (!end) log::error("failed proxy={} may run on: {}", spec.name, end.error().message);
        co_return served;
    }
    handle = process;
    protocol_version = current_protocol;
    spec.listen_port = served->port; // the same from now on, come what may
    spec.wait_for_port = true;
    on(CourseEvent::process_serves);
    show(*served);
    co_await parts_->listeners.hold(shared_from_this());
    if (persistent()) {
        const auto written = parts_->store.set_port(spec.name, served->port);
        if (!written) log::warning("{}", written.error().message);
    }
    co_return served;
}

} // namespace agent::core
