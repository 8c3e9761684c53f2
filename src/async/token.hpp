#pragma once
// The one completion token: auto [ec, n] = co_await socket.async_read_some(buffer, async::token);
// I/O never throws; EOF, reset and cancel are ordinary events here.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace agent::async {

inline constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);

} // namespace agent::async

namespace agent {
using boost::asio::awaitable;
}
