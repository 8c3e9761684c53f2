#pragma once
// serve_connection: the story of one admitted client, to its last byte. proxy.cpp spawns one per
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
    /// No connection could be opened. true: ask for another session, the client has noticed
    /// nothing.
    virtual bool session_failed(const std::shared_ptr<Session>& session, const Error& error) = 0;

  protected:
    ~SessionKeeper() = default;
};

/// How many clients a proxy has: accepted and not yet done with, whether or not
/// they got through.
class ClientCounter {
  public:
    class Client {
      public:
        explicit Client(ClientCounter& counter) : counter_(counter) { counter_.client_came(); }
        Client(const Client&) = delete;
        Client& operator=(const Client&) = delete;
        ~Client() { counter_.client_left(); }

      private:
        ClientCounter& counter_;
    };

  protected:
    ~ClientCounter() = default;

  private:
    virtual void client_came() = 0;
    virtual void client_left() = 0;
};

/// What a connection shares with the others of its proxy; outlives them.
struct ConnectionContext {
    SessionSlot& sessions;
    SessionKeeper& keeper;
    ClientCounter& clients;
    Ledger& ledger;
    KeepAlive& keep_alive;
};

/// Its first steps are taken in the call.
awaitable<void> serve_connection(boost::asio::ip::tcp::socket client,
                                 const ConnectionContext& context);
awaitable<void> serve_connection(boost::asio::local::stream_protocol::socket client,
                                 const ConnectionContext& context);

} // namespace agent::proxy
