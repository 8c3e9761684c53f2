#pragma once
// HttpServer: sockets around an Api, and the console's page beside it. Decides nothing else; what a
// client may send and how slowly is bounded by console/serve/http_connection.hpp.

#include "async/task_group.hpp"
#include "console/serve/page.hpp"
#include "devserver/api/api.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <string>

namespace devserver {

class HttpServer {
  public:
    HttpServer(boost::asio::any_io_executor executor, Api& api)
        : executor_(executor), api_(api), tasks_(executor) {}

    /// Binds and begins to accept. Port 0 takes any free one.
    agent::Status listen(const std::string& address, std::uint16_t port);
    std::vector<boost::asio::ip::tcp::endpoint> endpoints() const;
    /// Ends every connection and waits for it.
    agent::awaitable<void> stop();

  private:
    using Socket = boost::asio::ip::tcp::socket;
    agent::awaitable<void> accept(boost::asio::ip::tcp::acceptor& acceptor);
    agent::awaitable<void> serve(Socket socket);
    console::HttpResponse answer(const console::HttpRequest& request);

    boost::asio::any_io_executor executor_;
    Api& api_;
    std::list<boost::asio::ip::tcp::acceptor> acceptors_;
    agent::async::TaskGroup tasks_;
};

} // namespace devserver
