#pragma once
// Who is at the other end of an accepted TCP connection, as far as this machine can tell. Each
// listener that belongs to one user asks this, and no other, question: an address says nothing,
// since anybody here may connect from any of the machine's own.

#include "net/local_address.hpp"
#include "net/peer_owner.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace agent::net {

enum class PeerKind : std::uint8_t {
    own,     ///< a process of the user that we run as
    root,    ///< of root
    other,   ///< of somebody else: `uid`
    unheld,  ///< it is or was on this machine, and no process holds it (any more): its owner cannot
             ///< be told
    remote,  ///< not on this machine, or in another network namespace of it, and the listener is
             ///< open to the network
    unknown, ///< the kernel does not say
};

struct Peer {
    PeerKind kind = PeerKind::unknown;
    std::uint32_t uid = 0; ///< of own, root and other
};

/// Of a socket that was accepted from `peer`.
Peer accepted_peer(int socket, const boost::asio::ip::tcp::endpoint& peer);

/// Of a connected Unix socket.
Peer local_peer(int socket);

/// Ours, root's, and who came over a network that the listener was opened to on purpose.
bool may_enter(const Peer& peer);

/// The rules alone. `self`: whom we run as.
Peer weigh_owner(const SocketOwner& owner, std::uint32_t self);
/// Where the kernel knows no such socket. `loopback`: either end's address is one.
Peer weigh_stranger(bool loopback, Whereabouts peer);

/// "belongs to uid 65534", "is held by no process".
std::string describe(const Peer& peer);

} // namespace agent::net
