#include "net/listening_sockets.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;
using unix_socket = boost::asio::local::stream_protocol;

int option_of(const UniqueFd& socket, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket.get(), SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

bool listens(const UniqueFd& socket) {
    if (!socket || option_of(socket, SO_TYPE) != SOCK_STREAM ||
        option_of(socket, SO_ACCEPTCONN) != 1)
        return false;
    pollfd shut{socket.get(), 0, 0}; // a Unix socket that was shut still says that it accepts
    return ::poll(&shut, 1, 0) == 0;
}

std::string path_of(const UniqueFd& socket) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    const auto length = std::size_t(size) - offsetof(sockaddr_un, sun_path);
    return {address.sun_path, ::strnlen(address.sun_path, length)};
}

} // namespace

std::vector<UniqueFd> ListeningSockets::share() const {
    std::vector<UniqueFd> shared;
    for (const auto* one : {&tcp, &local}) {
        UniqueFd copy(*one ? ::fcntl(one->get(), F_DUPFD_CLOEXEC, 0) : -1);
        if (copy) shared.push_back(std::move(copy));
    }
    return shared;
}

void ListeningSockets::shut() const {
    for (const auto* one : {&tcp, &local})
        if (*one) ::shutdown(one->get(), SHUT_RDWR);
}

ListeningSockets sort_sockets(std::vector<UniqueFd> descriptors) {
    ListeningSockets sorted;
    for (auto& one : descriptors) {
        if (!listens(one)) continue;
        const int family = option_of(one, SO_DOMAIN);
        if (family == AF_INET || family == AF_INET6) sorted.tcp = std::move(one);
        if (family == AF_UNIX) sorted.local = std::move(one);
    }
    return sorted;
}

Result<tcp::acceptor> adopt_tcp(boost::asio::any_io_executor executor, UniqueFd socket,
                                const std::string& address, std::uint16_t port) {
    const int family = option_of(socket, SO_DOMAIN);
    if (!listens(socket) || (family != AF_INET && family != AF_INET6))
        return fail(Errc::listen_failed, Hop::local,
                    "the TCP socket that was handed over does not listen");
    boost::system::error_code ec;
    const auto wanted = boost::asio::ip::make_address(
        address.empty() || address == "localhost" ? "127.0.0.1" : address, ec);
    tcp::acceptor acceptor(executor);
    if (!ec) acceptor.assign(family == AF_INET ? tcp::v4() : tcp::v6(), socket.get(), ec);
    if (ec)
        return fail(Errc::listen_failed, Hop::local,
                    "the TCP socket that was handed over: " + ec.message());
    socket.release();
    const auto bound = acceptor.local_endpoint(ec);
    if (ec || bound.address() != wanted || (port != 0 && bound.port() != port))
        return fail(Errc::listen_failed, Hop::local,
                    "the TCP socket that was handed over listens elsewhere");
    return acceptor;
}

Result<UnixListener> adopt_unix(boost::asio::any_io_executor executor, UniqueFd socket,
                                const std::filesystem::path& path) {
    struct stat file{};
    const bool there = ::lstat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode);
    if (!listens(socket) || option_of(socket, SO_DOMAIN) != AF_UNIX || !there ||
        path_of(socket) != path)
        return fail(Errc::listen_failed, Hop::local,
                    "the socket that was handed over is not " + path.string());
    boost::system::error_code ec;
    unix_socket::acceptor acceptor(executor);
    acceptor.assign(unix_socket(), socket.get(), ec);
    if (ec)
        return fail(Errc::listen_failed, Hop::local,
                    "the socket that was handed over: " + ec.message());
    socket.release();
    return UnixListener(std::move(acceptor), path);
}

} // namespace agent::net
