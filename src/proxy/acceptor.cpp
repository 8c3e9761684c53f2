#include "proxy/acceptor.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "proxy/file_limit.hpp"

#include <algorithm>
#include <chrono>

namespace agent::proxy {
namespace {

using namespace std::chrono_literals;

template <class Acceptor> awaitable<void> accept_from(Acceptor& acceptor, ClientSink& sink) {
    constexpr std::chrono::milliseconds shortest{10};
    auto pause = shortest;
    std::chrono::steady_clock::time_point tell_again;
    while (acceptor.is_open()) {
        if (sink.full() && std::chrono::steady_clock::now() >= tell_again) { // not for each one who finds a place
            log::warning("no room for more clients (open files: at most {}); the next ones wait until one ends",
                         file_limit());
            tell_again = std::chrono::steady_clock::now() + 1min;
        }
        while (sink.full()) co_await sink.room().wait();
        auto [ec, client] = co_await acceptor.async_accept(async::token);
        if (!ec) {
            pause = shortest;
            sink.take(std::move(client));
            continue;
        }
        if (ec == boost::asio::error::operation_aborted || !acceptor.is_open()) co_return;
        if (ec == boost::asio::error::connection_aborted) continue; // that client left while queued
        if (pause == shortest) log::warning("cannot accept clients for now: {}", ec.message());
        co_await async::sleep_for(pause);
        pause = std::min<std::chrono::milliseconds>(pause * 2, 1s);
    }
}

} // namespace

awaitable<void> accept_clients(boost::asio::ip::tcp::acceptor& acceptor, ClientSink& sink) {
    co_await accept_from(acceptor, sink);
}

awaitable<void> accept_clients(boost::asio::local::stream_protocol::acceptor& acceptor, ClientSink& sink) {
    co_await accept_from(acceptor, sink);
}

} // namespace agent::proxy
