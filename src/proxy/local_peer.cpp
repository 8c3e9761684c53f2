#include "proxy/local_peer.hpp"

#include "net/peer_owner.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace agent::proxy {
namespace {

bool hung_up(int fd) {
    pollfd entry{fd, 0, 0};
    return ::poll(&entry, 1, 0) == 1 && (entry.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

} // namespace

PeerHold peer_hold(boost::asio::ip::tcp::socket& socket) {
    if (hung_up(socket.native_handle())) return PeerHold::gone;
    boost::system::error_code ec;
    const auto peer = socket.remote_endpoint(ec);
    if (ec) return PeerHold::gone;
    const auto owner = net::find_socket_owner(peer, socket.local_endpoint(ec));
    if (owner) return owner->inode == 0 ? PeerHold::gone : PeerHold::held;
    return net::is_loopback(peer.address()) ? PeerHold::gone : PeerHold::unknown;
}

// A Unix peer that closes hangs up at once; one that shuts its write side does not.
PeerHold peer_hold(boost::asio::local::stream_protocol::socket& socket) {
    return hung_up(socket.native_handle()) ? PeerHold::gone : PeerHold::held;
}

pid_t peer_process(boost::asio::ip::tcp::socket&) {
    return 0;
}

pid_t peer_process(boost::asio::local::stream_protocol::socket& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    const int done = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
    return done == 0 ? peer.pid : 0;
}

Status check_peer_owner(boost::asio::ip::tcp::socket& socket) {
    boost::system::error_code ec;
    const auto peer = socket.remote_endpoint(ec);
    if (ec) return fail(Errc::permission_denied, Hop::local, "a client left before its owner was known");
    if (!net::is_loopback(peer.address())) return {};
    const auto owner = net::find_socket_owner(peer, socket.local_endpoint(ec));
    if (!owner || owner->inode == 0)
        return fail(Errc::permission_denied, Hop::local,
                    "client port " + std::to_string(peer.port()) + ": no process holds it, so its owner is unknown");
    if (owner->uid != ::geteuid() && owner->uid != 0)
        return fail(Errc::permission_denied, Hop::local,
                    "client port " + std::to_string(peer.port()) + " belongs to uid " + std::to_string(owner->uid) +
                        ", not to this proxy's user, and the proxy on port " +
                        std::to_string(socket.local_endpoint(ec).port()) + " is not shared");
    return {};
}

} // namespace agent::proxy
