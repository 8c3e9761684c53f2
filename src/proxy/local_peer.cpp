#include "proxy/local_peer.hpp"

#include "net/peer.hpp"

#include <poll.h>
#include <sys/socket.h>

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
    switch (net::accepted_peer(socket.native_handle(), peer).kind) {
    case net::PeerKind::own:
    case net::PeerKind::root:
    case net::PeerKind::other: // of a shared proxy
        return PeerHold::held;
    case net::PeerKind::unheld:
        return PeerHold::gone;
    case net::PeerKind::remote:
    case net::PeerKind::unknown:
        break;
    }
    return PeerHold::unknown;
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

} // namespace agent::proxy
