#pragma once
// HttpServer: HTTP/1.1 around an Api. Bounds what a client may send and how long it may take; decides nothing else.

#include "async/task_group.hpp"
#include "devserver/api/api.hpp"
#include "net/endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <string>

namespace devserver {

class HttpServer {
  public:
    HttpServer(boost::asio::any_io_executor executor, Api& api) : executor_(executor), api_(api), tasks_(executor) {}

    /// Binds and begins to accept. Port 0 takes any free one.
    agent::Status listen(const std::string& address, std::uint16_t port);
    std::vector<boost::asio::ip::tcp::endpoint> endpoints() const;
    /// Ends every connection and waits for it.
    agent::awaitable<void> stop();

  private:
    using Socket = boost::asio::ip::tcp::socket;
    agent::awaitable<void> accept(boost::asio::ip::tcp::acceptor& acceptor);
    agent::awaitable<void> serve(Socket socket);

    boost::asio::any_io_executor executor_;
    Api& api_;
    std::list<boost::asio::ip::tcp::acceptor> acceptors_;
    agent::async::TaskGroup tasks_;
};

} // namespace devserver
