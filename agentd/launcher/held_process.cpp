#include "agentd/launcher/held_process.hpp"

#include "async/with_timeout.hpp"
#include "base/spawn.hpp"
#include "base/unix_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

namespace agentd {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;
using agent::Result;
using agent::UniqueFd;
using namespace std::chrono_literals;

namespace {

constexpr auto killed_limit =
    5s; // after SIGKILL: one that the kernel itself holds up stays for longer
constexpr auto exit_poll = 10ms;
constexpr int so_peerpidfd = 77; // Linux 6.5; Debian 12's headers do not have it

bool ready(const UniqueFd& descriptor, short events) {
    pollfd state{descriptor.get(), events, 0};
    return ::poll(&state, 1, 0) > 0;
}

Result<UniqueFd> connect_to(const std::string& path) {
    const auto address = agent::unix_address(path);
    if (!address) return address.error();
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return fail_errno(Errc::proxy_failed, Hop::local, "connect to " + path, errno);
    return socket;
}

/// Who listened there; Errc::permission_denied when it is nobody whom we may end.
Result<pid_t> listener_of(const UniqueFd& connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return fail_errno(Errc::proxy_failed, Hop::local, "SO_PEERCRED", errno);
    if (peer.uid != ::geteuid() || peer.pid <= 1 || peer.pid == ::getpid())
        return fail(Errc::permission_denied, Hop::local,
                    "its socket is held by pid " + std::to_string(peer.pid) + " of uid " +
                        std::to_string(peer.uid));
    return peer.pid;
}

/// Its name where /proc shows it. A sandbox may hide it: then what the socket says has to do.
bool is_agent_proxy(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    return !std::getline(file, name) || name == "agent-proxy";
}

/// The listener's process itself, where the kernel can say it.
UniqueFd exact_descriptor(const UniqueFd& connection) {
    int descriptor = -1;
    socklen_t size = sizeof descriptor;
    if (::getsockopt(connection.get(), SOL_SOCKET, so_peerpidfd, &descriptor, &size) != 0)
        return UniqueFd();
    return UniqueFd(descriptor);
}

} // namespace

Result<HeldProcess> HeldProcess::child(pid_t pid) {
    auto descriptor = agent::open_process(pid);
    if (!descriptor) return descriptor.error();
    return HeldProcess(pid, std::move(*descriptor));
}

Result<HeldProcess> HeldProcess::listening_at(const std::string& path) {
    const auto connection = connect_to(path);
    if (!connection) return connection.error();
    UniqueFd exact = exact_descriptor(*connection);
    if (!exact) return by_number(*connection);
    const auto pid = listener_of(*connection);
    if (!pid) return pid.error();
    HeldProcess held(*pid, std::move(exact));
    if (!is_agent_proxy(*pid) || held.gone())
        return fail(Errc::proxy_failed, Hop::local,
                    "pid " + std::to_string(*pid) + " is no agent-proxy");
    return held;
}

// The number is that of the process which began to listen. An agent-proxy alone has its control
// socket, so for as long as our connection to it stands that process lives, and its number is
// nobody else's.
Result<HeldProcess> HeldProcess::by_number(const UniqueFd& connection) {
    const auto pid = listener_of(connection);
    if (!pid) return pid.error();
    auto held = child(*pid);
    if (!held) return held;
    const bool same = is_agent_proxy(*pid) && !held->gone() && !ready(connection, POLLRDHUP);
    if (!same)
        return fail(Errc::proxy_failed, Hop::local,
                    "pid " + std::to_string(*pid) + " is somebody else by now");
    return held;
}

bool HeldProcess::gone() const {
    return ready(descriptor_, POLLIN);
}

agent::awaitable<bool> HeldProcess::wait_gone(std::chrono::steady_clock::duration limit) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!gone() && std::chrono::steady_clock::now() < end)
        co_await agent::async::sleep_for(exit_poll);
    co_return gone();
}

agent::awaitable<agent::Status> HeldProcess::kill() const {
    if (::syscall(SYS_pidfd_send_signal, descriptor_.get(), SIGKILL, nullptr, 0) != 0 &&
        errno != ESRCH)
        co_return fail_errno(Errc::proxy_failed, Hop::local, "kill pid " + std::to_string(pid_),
                             errno);
    const bool went = co_await wait_gone(killed_limit);
    if (!went)
        co_return fail(Errc::proxy_failed, Hop::local,
                       "pid " + std::to_string(pid_) + " does not end when killed");
    co_return agent::Status();
}

} // namespace agentd
