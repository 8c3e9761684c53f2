#pragma once
// The accept loop of one listener, which also turns away who must not come in: before anything is
// made for a client, so that those who are refused cost no more than that. proxy.cpp runs one for
// TCP and one for the Unix socket.

#include "async/event.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace agent::proxy {

/// Where accepted clients go.
class ClientSink {
  public:
    using tcp = boost::asio::ip::tcp;
    using local = boost::asio::local::stream_protocol;

    /// Of an accepted socket; false: it is closed at once. Must not wait.
    virtual bool admits(int socket, const tcp::endpoint& peer) = 0;
    virtual bool admits(int socket, const local::endpoint& peer) = 0;
    virtual void take(tcp::socket client) = 0;
    virtual void take(local::socket client) = 0;
    /// No more clients for now: they wait in the kernel's queue until room() is notified.
    virtual bool full() const = 0;
    virtual async::Event& room() = 0;

  protected:
    ~ClientSink() = default;
};

/// Until the acceptor is closed or the coroutine cancelled. Out of files or memory it waits and
/// tries again: whoever is in the queue is served later, not refused. After each client that is
/// admitted, and after a few that are not, the others have their turn.
awaitable<void> accept_clients(boost::asio::ip::tcp::acceptor& acceptor, ClientSink& sink);
awaitable<void> accept_clients(boost::asio::local::stream_protocol::acceptor& acceptor,
                               ClientSink& sink);

} // namespace agent::proxy
