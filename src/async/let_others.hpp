#pragma once
// let_others(): everybody else who is ready has a turn, then the caller goes on. For loops whose
// sockets may always be ready: without it timers, signals and every other connection wait for as
// long as the peer keeps them so.

#include "async/token.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace agent::async {

inline awaitable<void> let_others() {
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

} // namespace agent::async
