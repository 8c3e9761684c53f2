// WorkerConnection's second half: bytes between the client's WebSocket and the endpoint, until one
// of them ends, and what a fault does on the way. connection.cpp tells everything before.

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "devserver/worker/connection.hpp"
#include "devserver/worker/farewell.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

namespace devserver {

using agent::boundary::CloseCode;
using boost::asio::ip::tcp;
namespace async = agent::async;
namespace log = agent::log;

/// There is no half-close: whichever side ends first ends both.
awaitable<void> WorkerConnection::carry(tcp::socket& endpoint) {
    using namespace boost::asio::experimental::awaitable_operators;
    dead_ = faults_.what.dead_after == 0U;
    const auto ended = co_await (upstream(endpoint) || downstream(endpoint) || session_over());
    boost::system::error_code ec;
    endpoint.close(ec);
    close_grant();
    if (ended.index() == 2)
        co_await cut();
    else if (faults_.what.vanish)
        FaultyStream::vanish(websocket_->tls());
    else if (frames_broken_ || faulty_.mid_frame()) // nothing more can be said in frames
        co_await end_quietly(websocket_->tls());
    else
        // Drops what the client still sends until it closes as well: closing over unread bytes
        // would be a reset, and a reset eats the tail of the endpoint's answer.
        co_await websocket_->close(close_with(CloseCode::normal, ""), limits_.close);
}

awaitable<void> WorkerConnection::upstream(tcp::socket& endpoint) {
    bool endpoint_reads = true;
    if (dead_) co_await play_dead();
    for (;;) {
        const auto piece = co_await websocket_->read();
        if (dead_) co_await play_dead();
        frames_broken_ =
            !piece &&
            websocket_->peer_close(); // an error of another kind is the network's, or a cancel
        if (!piece || piece->empty()) co_return;
        up_ += piece->size();
        if (faults_.what.close_after && up_ >= *faults_.what.close_after) co_return;
        if (faults_.what.deaf_after && up_ >= *faults_.what.deaf_after) co_await play_dead();
        dead_ = dead_ || (faults_.what.dead_after && up_ >= *faults_.what.dead_after);
        if (dead_) co_await play_dead();
        if (!endpoint_reads) continue;
        const auto buffer = boost::asio::buffer(piece->data(), piece->size());
        const auto [ec, n] = co_await boost::asio::async_write(endpoint, buffer, async::token);
        // It may still have an answer for us: downstream finds out, here the client is kept from
        // blocking.
        if (ec) endpoint_reads = false;
    }
}

awaitable<void> WorkerConnection::downstream(tcp::socket& endpoint) {
    for (;;) {
        websocket_->release_write_space();
        const auto [ready] = co_await endpoint.async_wait(tcp::socket::wait_read, async::token);
        if (ready) co_return;
        const auto space = websocket_->write_space();
        const auto buffer = boost::asio::buffer(space.data(), space.size());
        const auto [ec, n] = co_await endpoint.async_read_some(buffer, async::token);
        if (ec) co_return;
        const auto& limit = faults_.what.reset_after;
        if (limit && down_ + n >= *limit)
            co_return co_await FaultyStream::reset_in_frame(websocket_->tls(), space.first(n));
        const auto sent = co_await send_down(space, n);
        if (!sent) co_return;
        down_ += n;
    }
}

awaitable<agent::Status> WorkerConnection::send_down(std::span<std::byte> space,
                                                     std::size_t count) {
    if (dead_) co_await play_dead();
    if (!faulty_.shapes_frames()) co_return co_await websocket_->write(count);
    co_return co_await faulty_.write(websocket_->tls(), space.first(count));
}

void WorkerConnection::freeze() {
    if (!grant_) return;
    dead_ = true;
    boost::system::error_code ec;
    websocket_->tls().socket().cancel(ec); // whoever reads comes back and finds out
}

void WorkerConnection::cut_off() {
    if (!grant_) return;
    freeze();
    FaultyStream::cut_off(websocket_->tls());
}

/// Until the connection is cut from elsewhere. The other direction finds out by `dead_`.
awaitable<void> WorkerConnection::play_dead() {
    log::info("session={} fault: reads no more", session_id_);
    for (;;) co_await async::sleep_for(std::chrono::hours(1));
}

} // namespace devserver
