#pragma once
// The browser's sockets: one loopback port, bounds on what a client may send and how slowly, and an
// end when nobody who may pass has asked for a while. Decides nothing else: gate.cpp and
// requests.cpp do.

#include "async/task_group.hpp"
#include "console/gate.hpp"
#include "console/requests.hpp"
#include "console/serve/http_connection.hpp"
#include "net/refusals.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace console {

struct Limits : HttpLimits {
    std::chrono::milliseconds idle{30 * 60'000}; ///< of the whole process
    std::size_t connections = 64;
};

class HttpServer {
  public:
    HttpServer(boost::asio::ip::tcp::acceptor acceptor, Gate& gate, Requests& requests,
               Limits limits);

    /// Serves until nobody has asked for `limits.idle`.
    agent::awaitable<void> run_until_idle();
    agent::awaitable<void> stop();

  private:
    using Socket = boost::asio::ip::tcp::socket;
    agent::awaitable<void> accept();
    agent::awaitable<void> serve(Socket socket);

    boost::asio::ip::tcp::acceptor acceptor_;
    Gate& gate_;
    Requests& requests_;
    Limits limits_;
    std::chrono::steady_clock::time_point last_request_;
    agent::net::Refusals refusals_;
    agent::async::TaskGroup tasks_;
};

} // namespace console
