#pragma once
// Is an address one of this machine's own? Anybody here may connect from each of them, so it says
// nothing about who comes.

#include <boost/asio/ip/address.hpp>

#include <cstdint>

namespace agent::net {

enum class Whereabouts : std::uint8_t {
    here, ///< of this machine, or rather of our network namespace: all of 127.0.0.0/8 and what is
          ///< routed to itself
    elsewhere, ///< another machine, container or network namespace
    unknown,   ///< the kernel does not say
};

/// From the kernel's routing table, so that it knows what an interface's list of addresses does
/// not. `device`: whose table is meant, 0 for the usual one.
Whereabouts where_is(const boost::asio::ip::address& address, std::uint32_t device = 0);

/// 127.0.0.0/8, ::1, and the former inside the latter's space (::ffff:127.0.0.1).
bool is_loopback(const boost::asio::ip::address& address);

/// ::ffff:127.0.0.1 is 127.0.0.1 to whoever compares: a dual-stack listener sees its IPv4 clients
/// so.
boost::asio::ip::address plain_address(const boost::asio::ip::address& address);

} // namespace agent::net
