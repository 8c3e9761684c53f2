#pragma once
// serve_connection: the story of one accepted client, from its owner's check to its last byte. proxy.cpp spawns one per
// client; README.md walks through it with the same numbers.

#include "async/token.hpp"
#include "proxy/ledger.hpp"
#include "proxy/session_gate.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <string>

namespace agent::proxy {

/// What a connection shares with the others of its proxy; outlives them.
struct ConnectionContext {
    SessionGate& gate;
    Ledger& ledger;
    std::string endpoint; ///< for messages
    bool shared = false;  ///< other local users may come
};

awaitable<void> serve_connection(boost::asio::ip::tcp::socket client, const ConnectionContext& context);
awaitable<void> serve_connection(boost::asio::local::stream_protocol::socket client, const ConnectionContext& context);

} // namespace agent::proxy
