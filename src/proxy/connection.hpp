#pragma once
// serve_connection: the story of one accepted client, from its owner's check to its last byte. proxy.cpp spawns one per
// client; README.md walks through it with the same numbers.

#include "async/token.hpp"
#include "proxy/keep_alive.hpp"
#include "proxy/ledger.hpp"
#include "proxy/session_slot.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace agent::proxy {

/// What becomes of the session that a connection was to use, or did.
class SessionKeeper {
  public:
    /// A worker has let one more connection through.
    virtual void session_used(Session& session, std::int32_t connections_left) = 0;
    /// No connection could be opened. true: ask for another session, the client has noticed nothing.
    virtual bool session_failed(const std::shared_ptr<Session>& session, const Error& error) = 0;

  protected:
    ~SessionKeeper() = default;
};

/// What a connection shares with the others of its proxy; outlives them.
struct ConnectionContext {
    SessionSlot& sessions;
    SessionKeeper& keeper;
    Ledger& ledger;
    KeepAlive& keep_alive;
    bool shared = false; ///< other local users may come
};

awaitable<void> serve_connection(boost::asio::ip::tcp::socket client, const ConnectionContext& context);
awaitable<void> serve_connection(boost::asio::local::stream_protocol::socket client, const ConnectionContext& context);

} // namespace agent::proxy
