#pragma once
// The accept loop of one listener. proxy.cpp runs one for TCP and one for the Unix socket.

#include "async/event.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace agent::proxy {

/// Where accepted clients go.
class ClientSink {
  public:
    virtual void take(boost::asio::ip::tcp::socket client) = 0;
    virtual void take(boost::asio::local::stream_protocol::socket client) = 0;
    /// No more clients for now: they wait in the kernel's queue until room() is notified.
    virtual bool full() const = 0;
    virtual async::Event& room() = 0;

  protected:
    ~ClientSink() = default;
};

/// Until the acceptor is closed or the coroutine cancelled. Out of files or memory it waits and tries again: whoever is
/// in the queue is served later, not refused.
awaitable<void> accept_clients(boost::asio::ip::tcp::acceptor& acceptor, ClientSink& sink);
awaitable<void> accept_clients(boost::asio::local::stream_protocol::acceptor& acceptor, ClientSink& sink);

} // namespace agent::proxy
