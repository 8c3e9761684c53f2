#pragma once
// Who listens on this machine: loopback is open to every user, so whoever is first at a port is
// sent what was meant for another program. controller/listener_check.cpp asks before a login
// leaves.

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <vector>

namespace agent::net {

struct Listener {
    boost::asio::ip::tcp::endpoint at;
    std::uint32_t uid = 0;
    std::uint64_t inode = 0; ///< 0: the kernel does not say whose it is
    bool only_v6 = false;    ///< takes no IPv4 client, though it listens at ::
    bool on_device = false;  ///< bound to one network device, or it is not known: others may listen
                             ///< there beside it
};

/// All sockets that listen at this port, from sock_diag, else from /proc/net.
std::vector<Listener> listeners_on(std::uint16_t port);
/// The same from /proc/net alone, which tells neither `only_v6` nor `on_device`.
std::vector<Listener> listeners_in_proc(std::uint16_t port);

/// A connection to `server` may have been taken by it.
bool takes(const Listener& listener, const boost::asio::ip::tcp::endpoint& server);

} // namespace agent::net
