#include "agentctl/signals.hpp"

#include "base/spawn.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <csignal>
#include <unistd.h>

namespace agentctl {

Signals::Signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int one : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&set, one);
    struct sigaction hangup{};
    ::sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) sigaddset(&set, SIGHUP);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    fd_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// Not PR_SET_PDEATHSIG: that is about the thread which started us, and others end threads while
// they live.
void Signals::watch_parent() {
    const pid_t parent = ::getppid();
    auto process = agent::open_process(parent);
    if (!process) return;
    both_.reset(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event readable{};
    readable.events = EPOLLIN;
    ::epoll_ctl(both_.get(), EPOLL_CTL_ADD, fd_.get(), &readable);
    ::epoll_ctl(both_.get(), EPOLL_CTL_ADD, process->get(), &readable);
    parent_ = std::move(*process);
}

bool Signals::parent_has_gone() {
    if (parent_gone_ || !parent_) return false;
    pollfd one{parent_.get(), POLLIN, 0};
    if (::poll(&one, 1, 0) <= 0) return false;
    parent_gone_ = true;
    ::epoll_ctl(both_.get(), EPOLL_CTL_DEL, parent_.get(), nullptr);
    return true;
}

std::optional<signalfd_siginfo> Signals::take() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) == sizeof info) return info;
    if (!parent_has_gone()) return std::nullopt;
    info.ssi_signo = SIGTERM;
    info.ssi_code = SI_USER;
    return info;
}

void Signals::wait(int milliseconds) const {
    pollfd one{fd(), POLLIN, 0};
    ::poll(&one, 1, milliseconds);
}

} // namespace agentctl
