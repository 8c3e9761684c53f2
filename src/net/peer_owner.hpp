#pragma once
// Who holds the other end of a TCP connection on this machine: the kernel's socket tables say.
// peer.hpp makes of it who may enter.

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace agent::net {

struct SocketOwner {
    std::uint32_t uid = 0;
    std::uint64_t inode = 0; ///< 0: no process holds the socket any more
};

struct SocketSearch {
    bool answered = false; ///< else nothing is known, for want of a descriptor or of the tables
    std::optional<SocketOwner>
        owner; ///< none: there is no such socket in our network namespace, or no longer
};

/// The owner of the socket whose local end is `client` and whose remote end is `server`: from
/// sock_diag, or from /proc/net where the kernel has none. `device`: which the accepted socket is
/// bound to, or 0.
SocketSearch find_socket_owner(const boost::asio::ip::tcp::endpoint& client,
                               const boost::asio::ip::tcp::endpoint& server,
                               std::uint32_t device = 0);

/// The same from /proc/net/tcp and tcp6 alone: the fallback, and what the test compares with.
SocketSearch find_socket_owner_in_proc(const boost::asio::ip::tcp::endpoint& client,
                                       const boost::asio::ip::tcp::endpoint& server);

/// "sshd (pid 812)", or empty when /proc does not show it to us.
std::string process_listening_on(std::uint16_t port);

} // namespace agent::net
