#pragma once
// Who is at the other end of a loopback TCP connection: the kernel's socket tables say. agent-proxy refuses other
// users with it, and learns whether a client that shut its write side still holds its socket.

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace agent::net {

struct SocketOwner {
    std::uint32_t uid = 0;
    std::uint64_t inode = 0; ///< 0: no process holds the socket any more
};

/// The owner of the socket whose local end is `client` and whose remote end is `server`, from sock_diag, else from
/// /proc/net. nullopt when neither shows such a socket (not on this machine, or already gone).
std::optional<SocketOwner> find_socket_owner(const boost::asio::ip::tcp::endpoint& client,
                                             const boost::asio::ip::tcp::endpoint& server);

/// The same from /proc/net/tcp and tcp6 alone: the fallback, and what the test compares with.
std::optional<SocketOwner> find_socket_owner_in_proc(const boost::asio::ip::tcp::endpoint& client,
                                                     const boost::asio::ip::tcp::endpoint& server);

/// 127.0.0.0/8, ::1, and the former inside the latter's space (::ffff:127.0.0.1).
bool is_loopback(const boost::asio::ip::address& address);

/// "sshd (pid 812)", or empty when /proc does not show it to us.
std::string process_listening_on(std::uint16_t port);

} // namespace agent::net
