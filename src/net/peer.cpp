#include "net/peer.hpp"

#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace agent::net {

using boost::asio::ip::tcp;

namespace {

/// Of a link-local connection its link, of one within a VRF that; else 0.
std::uint32_t bound_device(int socket) {
    int device = 0;
    socklen_t size = sizeof device;
    return ::getsockopt(socket, SOL_SOCKET, SO_BINDTOIFINDEX, &device, &size) == 0
               ? static_cast<std::uint32_t>(device)
               : 0;
}

bool is_link_local(const boost::asio::ip::address& address) {
    return address.is_v6() && address.to_v6().is_link_local();
}

/// A listener on all addresses does not say over which link one came to its link-local address; the
/// client's socket is bound to that link.
SocketSearch search_links(const tcp::endpoint& peer, const tcp::endpoint& here) {
    SocketSearch search;
    struct if_nameindex* const links = ::if_nameindex();
    for (const auto* link = links; link != nullptr && link->if_index != 0 && !search.owner; ++link)
        search = find_socket_owner(peer, here, link->if_index);
    if (links != nullptr) ::if_freenameindex(links);
    return search;
}

Peer look_up(const tcp::endpoint& peer, const tcp::endpoint& here, std::uint32_t device) {
    auto search = find_socket_owner(peer, here, device);
    if (search.answered && !search.owner && device == 0 && is_link_local(here.address()))
        search = search_links(peer, here);
    if (!search.answered) return Peer{};
    if (search.owner) return weigh_owner(*search.owner, ::geteuid());
    if (is_loopback(peer.address()) || is_loopback(here.address()))
        return weigh_stranger(true, Whereabouts::here);
    return weigh_stranger(false, where_is(peer.address(), device));
}

} // namespace

Peer weigh_owner(const SocketOwner& owner, std::uint32_t self) {
    if (owner.inode == 0)
        return Peer{PeerKind::unheld}; // its uid says root's: there is nobody to name
    if (owner.uid == self) return Peer{PeerKind::own, owner.uid};
    return Peer{owner.uid == 0 ? PeerKind::root : PeerKind::other, owner.uid};
}

// What comes to loopback comes from this machine, however it was sent there; what comes from an
// address of this machine does too, unless somebody has rewritten it on its way, and then whose it
// is cannot be told.
Peer weigh_stranger(bool loopback, Whereabouts peer) {
    if (loopback || peer == Whereabouts::here) return Peer{PeerKind::unheld};
    return Peer{peer == Whereabouts::elsewhere ? PeerKind::remote : PeerKind::unknown};
}

Peer accepted_peer(int socket, const tcp::endpoint& peer) {
    tcp::endpoint here;
    auto size = static_cast<socklen_t>(here.capacity());
    if (::getsockname(socket, here.data(), &size) != 0) return Peer{};
    here.resize(size);
    const Peer found = look_up(peer, here, bound_device(socket));
    // One that was reset meanwhile may have left its port to the next, and what it sent to us.
    sockaddr_storage still{};
    size = sizeof still;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&still), &size) != 0)
        return Peer{PeerKind::unheld};
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
