#include "net/peer.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace agent::net {

using boost::asio::ip::tcp;

Peer weigh_owner(const SocketOwner& owner, std::uint32_t self) {
    if (owner.inode == 0) return Peer{PeerKind::unheld}; // its uid says root's: there is nobody to name
    if (owner.uid == self) return Peer{PeerKind::own, owner.uid};
    return Peer{owner.uid == 0 ? PeerKind::root : PeerKind::other, owner.uid};
}

// What comes to loopback comes from this machine, however it was sent there; what comes from an address of this machine
// does too, unless somebody has rewritten it on its way, and then whose it is cannot be told.
Peer weigh_stranger(bool loopback, Whereabouts peer) {
    if (loopback || peer == Whereabouts::here) return Peer{PeerKind::unheld};
    return Peer{peer == Whereabouts::elsewhere ? PeerKind::remote : PeerKind::unknown};
}

Peer peer_between(const tcp::endpoint& peer, const tcp::endpoint& here) {
    const auto search = find_socket_owner(peer, here);
    if (!search.answered) return Peer{};
    if (search.owner) return weigh_owner(*search.owner, ::geteuid());
    if (is_loopback(peer.address()) || is_loopback(here.address())) return weigh_stranger(true, Whereabouts::here);
    return weigh_stranger(false, where_is(peer.address()));
}

Peer accepted_peer(int socket, const tcp::endpoint& peer) {
    tcp::endpoint here;
    auto size = static_cast<socklen_t>(here.capacity());
    if (::getsockname(socket, here.data(), &size) != 0) return Peer{};
    here.resize(size);
    const Peer found = peer_between(peer, here);
    // One that was reset meanwhile may have left its port to the next, and what it sent to us.
    sockaddr_storage still{};
    size = sizeof still;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&still), &size) != 0) return Peer{PeerKind::unheld};
    return found;
}

Peer local_peer(int socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return Peer{};
    if (credentials.uid == ::geteuid()) return Peer{PeerKind::own, credentials.uid};
    return Peer{credentials.uid == 0 ? PeerKind::root : PeerKind::other, credentials.uid};
}

bool may_enter(const Peer& peer) {
    switch (peer.kind) {
    case PeerKind::own:
    case PeerKind::root:
    case PeerKind::remote:
        return true;
    case PeerKind::other:
    case PeerKind::unheld:
    case PeerKind::unknown:
        return false;
    }
    return false;
}

std::string describe(const Peer& peer) {
    switch (peer.kind) {
    case PeerKind::own:
    case PeerKind::root:
    case PeerKind::other:
        return "belongs to uid " + std::to_string(peer.uid);
    case PeerKind::unheld:
        return "is held by no process, so its owner is unknown";
    case PeerKind::remote:
        return "is on another machine";
    case PeerKind::unknown:
        break;
    }
    return "has an owner that the kernel does not name";
}

} // namespace agent::net
