#pragma once
// Two connected TCP sockets on loopback.

#include "async/token.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace agent::test {

using boost::asio::ip::tcp;

inline std::pair<tcp::socket, tcp::socket> tcp_pair(boost::asio::any_io_executor executor) {
    tcp::acceptor acceptor(executor, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    tcp::socket client(executor);
    client.connect(acceptor.local_endpoint());
    tcp::socket server = acceptor.accept();
    client.set_option(tcp::no_delay(true));
    server.set_option(tcp::no_delay(true));
    return {std::move(client), std::move(server)};
}

} // namespace agent::test
