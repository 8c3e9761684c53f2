#include "agentd/supervisor/supervisor.hpp"

#include "agentd/notify.hpp"
#include "base/log.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace supervisor {
namespace {

namespace log = agent::log;

constexpr int cannot_serve = 2;

std::string describe(int status) {
    if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

agent::UniqueFd signals_of_ours() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return agent::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

} // namespace

Supervisor::Supervisor(Options options, CallersSocket callers, NotifySocket notify)
    : options_(std::move(options)), callers_(std::move(callers)), notify_(std::move(notify)),
      signals_(signals_of_ours()), watchdog_(options_.watchdog), next_start_(Clock::now()) {}

// In this order: what a process said before it ended counts, and so does what it said before its
// time was up.
int Supervisor::run() {
    while (!exit_status_) {
        if (!child_ && end_where_nobody_finds_us()) break;
        if (!child_ && Clock::now() >= next_start_) start_program();
        std::array<pollfd, 3> events{pollfd{notify_.descriptor(), POLLIN, 0},
                                     pollfd{signals_.get(), POLLIN, 0},
                                     pollfd{child_ ? child_->descriptor() : -1, POLLIN, 0}};
        ::poll(events.data(), events.size(), wait_time());
        take_notifications();
        take_signals();
        if (!child_) continue;
        if (const auto status = events[2].revents != 0 ? child_->reap() : std::nullopt) {
            take_end(*status);
        } else if (watchdog_.expired(Clock::now())) {
            log::error("agentd pid={} does not answer any more: killed", child_->pid());
            hung_ = true;
            child_->signal(SIGKILL);
        }
    }
    return *exit_status_;
}

int Supervisor::wait_time() const {
    const auto until = child_ ? watchdog_.deadline() : next_start_;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

/// As after a logout, which takes the runtime folder away: an agentd that is started then reaches
/// neither its callers nor us, and would be started for ever. A living one is left alone: its
/// proxies still carry.
bool Supervisor::end_where_nobody_finds_us() {
    const bool callers = callers_.ours();
    if (callers && notify_.ours()) return false;
    log::error("{} is gone or not ours any more, so agentd is not started again: nobody would find "
               "it; open a new "
               "session on this "
               "machine, or make the runtime folder anew, and any agentctl command starts both",
               callers ? notify_.path() : callers_.path());
    finish(cannot_serve);
    return true;
}

void Supervisor::start_program() {
    store_.drop_shut();
    Child::Inheritance given;
    given.callers = callers_.descriptor();
    given.store = &store_;
    given.notify_socket = notify_.path();
    given.watchdog = options_.watchdog;
    given.file_limit = options_.file_limit;
    auto started = Child::start(options_.program, given);
    if (!started) {
        log::error("{}", started.error().message);
        next_start_ = Clock::now() + RestartPolicy::longest_pause_if_ready;
        return;
    }
    child_.emplace(std::move(*started));
    ready_since_.reset();
    hung_ = stopping_ = false;
    watchdog_.started(Clock::now());
    log::debug("started agentd pid={} program={} sockets={}", child_->pid(), options_.program,
               store_.entries().size());
}

void Supervisor::take_notifications() {
    while (auto message = notify_.receive())
        if (child_ && message->sender == child_->pid()) heed(*message);
}

void Supervisor::heed(NotifySocket::Message& message) {
    const auto& said = message.said;
    const auto now = Clock::now();
    if (said.watchdog) watchdog_.heard(now);
    if (said.forget && said.name) store_.drop(*said.name);
    if (said.store && !said.forget) {
        for (auto& one : message.descriptors)
            if (!store_.put(said.name.value_or("stored"), std::move(one)))
                log::warning("no room for another listening socket: {}",
                             said.name.value_or("stored"));
    }
    if (said.ready && !ready_since_) {
        ready_since_ = now;
        watchdog_.ready(now);
        log::info("supervising agentd pid={} sockets={}", child_->pid(), store_.entries().size());
        if (!told_ready_) agentd::notify_ready();
        told_ready_ = true;
    }
    if (said.stopping) {
        stopping_ = true;
        watchdog_.stopping(now);
    }
}

void Supervisor::take_signals() {
    signalfd_siginfo received{};
    while (::read(signals_.get(), &received, sizeof received) == sizeof received) {
        if (received.ssi_signo == SIGHUP) {
            if (child_) child_->signal(SIGHUP);
            continue;
        }
        told_to_end_ = true;
        if (!child_) return finish(0);
        child_->signal(SIGTERM);
        watchdog_.stopping(Clock::now());
    }
}

void Supervisor::take_end(int status) {
    const auto now = Clock::now();
    const pid_t pid = child_->pid();
    child_.reset();
    if (told_to_end_) return finish(0);
    RestartPolicy::Life life;
    life.status = status;
    life.was_ready = ready_since_.has_value();
    life.was_hung = hung_;
    life.wanted = stopping_;
    if (ready_since_)
        life.ready_for = std::chrono::floor<std::chrono::milliseconds>(now - *ready_since_);
    const auto decision = policy_.after(life);
    switch (decision.next) {
    case RestartPolicy::Next::failed:
        return finish(decision.exit_status);
    case RestartPolicy::Next::finished:
        if (callers_.leave()) return finish(0);
        log::info("agentd ended, and somebody calls: it is started again");
        next_start_ = now;
        return;
    case RestartPolicy::Next::again:
        log::warning(
            "agentd pid={} {}; again in {} ms, meanwhile callers and {} listening sockets are held",
            pid, describe(status), decision.pause.count(), store_.entries().size());
        next_start_ = now + decision.pause;
        return;
    }
}

void Supervisor::finish(int exit_status) {
    callers_.remove();
    exit_status_ = exit_status;
}

} // namespace supervisor
