#pragma once
// Is anybody still at the other end of a local socket? A client that only shut its write side waits
// for its answer; one that closed does not. recv() says 0 for both. relay.hpp asks after the local
// EOF, connection.cpp before the first byte.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <sys/types.h>

#include <cstdint>

namespace agent::proxy {

enum class PeerHold : std::uint8_t {
    held,    ///< some process has the socket open
    gone,    ///< closed or reset: nobody will read what we write
    unknown, ///< not on this machine
};

PeerHold peer_hold(boost::asio::ip::tcp::socket& socket);
PeerHold peer_hold(boost::asio::local::stream_protocol::socket& socket);

/// The process that connected; 0 where the kernel does not say it: over TCP, or from another pid
/// namespace.
pid_t peer_process(boost::asio::ip::tcp::socket& socket);
pid_t peer_process(boost::asio::local::stream_protocol::socket& socket);

} // namespace agent::proxy
