#include "agentctl/signals.hpp"

#include <poll.h>

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

std::optional<signalfd_siginfo> Signals::take() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
    return info;
}

void Signals::wait(int milliseconds) const {
    pollfd one{fd_.get(), POLLIN, 0};
    ::poll(&one, 1, milliseconds);
}

} // namespace agentctl
