// bench-flood: another user who opens connections that are refused. refused.py starts it, as root.
//
//   bench-flood PORT PER_SECOND USER
//
// Until its standard input ends; prints seconds, connections, those that were ended without a byte,
// and those that got one. PORT 0: at a listener of its own, which accepts and closes: what as many
// connections cost the machine, whoever ends them.
#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_open = 500;

struct Tally {
    std::uint64_t opened = 0;
    std::uint64_t ended = 0;
    std::uint64_t let_in = 0;
};

agent::UniqueFd open_one(std::uint16_t port) {
    agent::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    return fd;
}

/// The port of a child that accepts and closes, and ends with us.
std::uint16_t accept_and_close() {
    const agent::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(listener.get(), 4096) != 0 ||
        ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        std::abort();
    if (::fork() == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) const agent::UniqueFd one(::accept(listener.get(), nullptr, nullptr));
    }
    return ntohs(address.sin_port);
}

void close_one(const agent::UniqueFd& fd, Tally& tally) {
    char byte;
    const auto n = ::recv(fd.get(), &byte, 1, MSG_DONTWAIT);
    tally.let_in += n > 0;
    tally.ended += n == 0 || (n < 0 && errno == ECONNRESET);
}

bool told_to_end() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return ::poll(&input, 1, 1) != 0; // a millisecond
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: bench-flood PORT PER_SECOND USER\n", stderr);
        return 3;
    }
    auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    const double rate = std::atof(argv[2]);
    const auto user = static_cast<uid_t>(std::atoi(argv[3]));
    if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
        ::setresuid(user, user, user) != 0) {
        std::perror("become another user");
        return 2;
    }
    if (port == 0) port = accept_and_close();
    Tally tally;
    std::deque<agent::UniqueFd> open;
    const auto start = Clock::now();
    double seconds = 0;
    while (!told_to_end()) {
        seconds = std::chrono::duration<double>(Clock::now() - start).count();
        for (; tally.opened < seconds * rate; ++tally.opened) {
            open.push_back(open_one(port));
            if (open.size() <= most_open) continue;
            close_one(open.front(), tally);
            open.pop_front();
        }
    }
    for (const auto& one : open) close_one(one, tally);
    std::printf("%.3f %llu %llu %llu\n", seconds, static_cast<unsigned long long>(tally.opened),
                static_cast<unsigned long long>(tally.ended),
                static_cast<unsigned long long>(tally.let_in));
    return 0;
}
