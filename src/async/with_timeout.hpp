#pragma once
// A timeout belongs to the call:
//     auto dialled = co_await with_timeout(dial(endpoint), 10s);
//     if (!dialled) …timed out…
// The loser is cancelled and awaited. On Boost ≥ 1.86 the body becomes cancel_after.

#include "async/token.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <optional>

namespace agent::async {

inline awaitable<void> sleep_for(std::chrono::steady_clock::duration timeout) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, timeout);
    co_await timer.async_wait(token);
}

/// The value of `work`, or nullopt when `timeout` came first.
template <class T>
awaitable<std::optional<T>> with_timeout(awaitable<T> work,
                                         std::chrono::steady_clock::duration timeout) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (std::move(work) || sleep_for(timeout));
    if (first.index() == 0) co_return std::optional<T>(std::move(std::get<0>(first)));
    co_return std::nullopt;
}

/// true when `work` ended before `timeout`.
inline awaitable<bool> with_timeout(awaitable<void> work,
                                    std::chrono::steady_clock::duration timeout) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (std::move(work) || sleep_for(timeout));
    co_return first.index() == 0;
}

} // namespace agent::async
