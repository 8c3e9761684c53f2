#include "ipc/dbus/connect_unix.hpp"

#include "async/with_timeout.hpp"
#include "base/unix_socket.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/socket.h>

namespace ipc::dbus {

using agent::Errc;
using agent::Hop;
using agent::Result;
using namespace std::chrono_literals;

namespace {
constexpr auto queue_limit = 5s;
constexpr auto look_again = 20ms;
} // namespace

boost::asio::awaitable<Result<agent::UniqueFd>> connect_unix(std::string path) {
    if (path.empty())
        co_return agent::fail(Errc::environment, Hop::local, "the proxy has no socket path");
    const auto address = agent::unix_address(path);
    if (!address) co_return address.error();
    agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) co_return agent::fail_errno(Errc::environment, Hop::local, "socket", errno);
    const auto give_up = std::chrono::steady_clock::now() + queue_limit;
    // A full queue says EAGAIN and gives nothing to wait for.
    while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
           0) {
        if (errno != EAGAIN && errno != EINTR)
            co_return agent::fail_errno(Errc::proxy_failed, Hop::local, "connect to " + path,
                                        errno);
        if (std::chrono::steady_clock::now() > give_up)
            co_return agent::fail(Errc::timed_out, Hop::local,
                                  "the proxy at " + path + " accepts no connection");
        co_await agent::async::sleep_for(look_again);
    }
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
    co_return socket;
}

} // namespace ipc::dbus
