#include "net/listen.hpp"

#include "base/unique_fd.hpp"
#include "net/peer_owner.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <system_error>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;
using unix_socket = boost::asio::local::stream_protocol;

Error cannot_listen(const tcp::endpoint& endpoint, const boost::system::error_code& ec) {
    const std::string what =
        "listen on " + endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
    if (ec == boost::asio::error::address_in_use) {
        const std::string holder = process_listening_on(endpoint.port());
        return fail(Errc::listen_failed, Hop::local,
                    what + ": the port is in use" + (holder.empty() ? "" : " by " + holder),
                    "Choose another port, or 0 for any free one.");
    }
    if (ec == boost::asio::error::access_denied)
        return fail_errno(Errc::listen_failed, Hop::local, what, ec.value(),
                          "Ports below 1024 are reserved.");
    return fail_errno(Errc::listen_failed, Hop::local, what, ec.value());
}

/// Other processes may come to hold the socket too. Asio takes one that it was given out of epoll
/// when it closes it; of one that it made itself it thinks that closing is enough, which then it is
/// not.
template <class Acceptor>
Acceptor known_to_others(Acceptor made, typename Acceptor::protocol_type protocol) {
    const auto executor = made.get_executor();
    return Acceptor(executor, protocol, made.release());
}

} // namespace

int try_connect(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path.string();
    if (name.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    name.copy(address.sun_path, name.size());
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe) return errno;
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return 0;
    return errno == EAGAIN ? 0 : errno; // a full queue is somebody's
}

Result<tcp::acceptor> listen_tcp(boost::asio::any_io_executor executor, const std::string& address,
                                 std::uint16_t port) {
    boost::system::error_code ec;
    const std::string literal = address.empty() || address == "localhost" ? "127.0.0.1" : address;
    const auto ip = boost::asio::ip::make_address(literal, ec);
    if (ec)
        return fail(Errc::invalid_argument, Hop::local,
                    "listen address \"" + address + "\" is no IP address", "Use 127.0.0.1 or ::1.");
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(boost::asio::socket_base::max_listen_connections, ec);
    if (ec) return cannot_listen(endpoint, ec);
    return known_to_others(std::move(acceptor), endpoint.protocol());
}

void UnixListener::close() {
    if (path_.empty()) return;
    boost::system::error_code ec;
    acceptor_.close(ec);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    path_.clear();
}

void UnixListener::leave() {
    boost::system::error_code ec;
    acceptor_.close(ec);
    path_.clear();
}

Result<UnixListener> listen_unix(boost::asio::any_io_executor executor,
                                 const std::filesystem::path& path) {
    const std::string name = path.string();
    const std::string what = "listen on " + name;
    if (name.size() >= sizeof(sockaddr_un::sun_path))
        return fail(Errc::listen_failed, Hop::local,
                    what + ": the path has more than " +
                        std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes",
                    "Use a shorter name, or a shorter XDG_RUNTIME_DIR.");

    struct stat existing{};
    if (::lstat(name.c_str(), &existing) == 0) {
        if (!S_ISSOCK(existing.st_mode))
            return fail(Errc::listen_failed, Hop::local,
                        what + ": the file exists and is no socket", "Remove it.");
        const int problem = try_connect(path);
        if (problem == 0)
            return fail(Errc::listen_failed, Hop::local, what + ": another process answers there");
        if (problem != ECONNREFUSED)
            return fail_errno(Errc::listen_failed, Hop::local, what, problem);
        ::unlink(name.c_str());
    }

    boost::system::error_code ec;
    unix_socket::acceptor acceptor(executor);
    acceptor.open(unix_socket(), ec);
    if (!ec) acceptor.bind(unix_socket::endpoint(name), ec);
    // Nobody can connect between bind and listen, so the mode is right before the first client.
    if (!ec && ::chmod(name.c_str(), 0600) != 0) ec.assign(errno, boost::system::system_category());
    if (!ec) acceptor.listen(boost::asio::socket_base::max_listen_connections, ec);
    if (ec) return fail_errno(Errc::listen_failed, Hop::local, what, ec.value());
    return UnixListener(known_to_others(std::move(acceptor), unix_socket()), path);
}

} // namespace agent::net
