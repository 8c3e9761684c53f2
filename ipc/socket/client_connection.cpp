#include "ipc/socket/client_connection.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <malloc.h>

namespace ipc {

namespace asio = boost::asio;

ClientConnection::ClientConnection(Socket socket, Router& router, const ServerLimits& limits)
    : socket_(std::move(socket)), router_(router), limits_(limits), splitter_(max_request_bytes),
      arrived_(socket_.get_executor()), room_(socket_.get_executor()) {}

asio::awaitable<void> ClientConnection::run() {
    using namespace asio::experimental::awaitable_operators;
    try {
        co_await (answer_calls() || read_calls());
    } catch (const asio::multiple_exceptions&) { // both were cancelled in mid-wait
    }
}

// Ends when the client has gone for good. One that only shut its sending side (printf … | socat)
// still gets its answers.
asio::awaitable<void> ClientConnection::read_calls() {
    std::string buffer(16U << 10U, '\0');
    while (!broken_) {
        while (calls_.size() >= max_pipelined_calls) co_await room_.wait();
        const auto [ec, n] =
            co_await receive_some(socket_, buffer, descriptors_, limits_.descriptors);
        if (ec) break;
        take(buffer, n);
    }
    no_more_calls_ = true;
    arrived_.notify_all();
    co_await socket_.async_wait(Socket::wait_error, agent::async::token);
    gone_ = true;
}

void ClientConnection::take(std::string& buffer, std::size_t count) {
    splitter_.feed(std::string_view(buffer.data(), count));
    wipe(buffer);
    while (!broken_) {
        auto message = splitter_.next();
        if (!message) broken_ = message.error();
        if (!message || !message->has_value()) break;
        calls_.push_back(std::move(**message));
    }
    arrived_.notify_all();
}

asio::awaitable<void> ClientConnection::answer_calls() {
    while (!gone_) {
        if (finishing_ && !owes_a_call()) finish_reading();
        while (calls_.empty()) {
            if (broken_) {
                (void)co_await send(error_reply(*broken_, "org.agentd.Agent"));
                co_return;
            }
            if (no_more_calls_) co_return;
            co_await arrived_.wait();
        }
        std::string text = std::move(calls_.front());
        calls_.pop_front();
        asked_ = true;
        room_.notify_all();
        auto call = decode_call(text);
        wipe(text);
        if (!call) {
            (void)co_await send(error_reply(call.error(), "org.agentd.Agent"));
            co_return; // nobody knows where in the stream we are
        }
        const bool oneway = call->oneway;
        endless_ = call->more && router_.endless(call->method);
        busy_ = !endless_;
        call->descriptors = std::exchange(descriptors_, {});
        auto reply = co_await router_.dispatch(std::move(*call), *this);
        busy_ = endless_ = false;
        if (!oneway && !gone_) {
            const auto sent = co_await send(std::move(reply));
            if (!sent) co_return;
        }
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    }
}

/// It has come for something that it has not said yet, or not to the end.
bool ClientConnection::owes_a_call() const {
    if (no_more_calls_ || broken_ || busy_ || !calls_.empty()) return false;
    return !asked_ || splitter_.in_message();
}

void ClientConnection::finish() {
    finishing_ = true;
    if (endless_) hang_up();
    if (!owes_a_call()) finish_reading();
}

// The order is what makes it safe: first nothing more can be sent to us, then all that was sent is
// taken. A client whose call is not among it gets EPIPE and knows that it may ask the next agentd.
void ClientConnection::finish_reading() {
    if (no_more_calls_) return;
    boost::system::error_code ignored; // it has gone: as good
    socket_.shutdown(Socket::shutdown_receive, ignored);
    std::string buffer(16U << 10U, '\0');
    while (!broken_) {
        const auto [ec, count] = receive_now(socket_, buffer, descriptors_, limits_.descriptors);
        if (ec) break;
        take(buffer, count);
    }
    no_more_calls_ = true;
    arrived_.notify_all();
}

void ClientConnection::cut() {
    no_more_calls_ = true;
    calls_.clear();
    if (busy_)
        arrived_.notify_all();
    else
        hang_up();
}

asio::awaitable<agent::Status> ClientConnection::send(Reply reply) {
    const auto gone = agent::fail(agent::Errc::canceled, agent::Hop::local, "the caller has gone");
    Descriptors beside = std::move(reply.descriptors);
    ReplyPieces pieces(std::move(reply));
    std::size_t sent = 0;
    for (std::string text = pieces.next(write_piece_bytes); !text.empty() && !gone_;
         text = pieces.next(write_piece_bytes)) {
        co_await write_text(text, beside);
        sent += text.size();
        wipe(text);
    }
    if (sent > worth_giving_back) ::malloc_trim(0); // what an answer took is not kept for the next
    if (gone_) co_return gone;
    co_return agent::Status();
}

asio::awaitable<void> ClientConnection::write_text(const std::string& text, Descriptors& beside) {
    for (std::size_t done = 0; done < text.size() && !gone_;) {
        const std::size_t count = std::min(text.size() - done, write_piece_bytes);
        const auto written = co_await agent::async::with_timeout(
            write_piece(text.data() + done, count, beside), limits_.slow_reader);
        if (!written || *written) {
            if (!written) agent::log::warning("dropping a client that does not read its replies");
            gone_ = true;
            hang_up();
        }
        done += count;
    }
}

asio::awaitable<boost::system::error_code>
ClientConnection::write_piece(const char* bytes, std::size_t count, Descriptors& beside) {
    std::size_t begun = 0;
    if (!beside.empty()) {
        const auto [ec, n] = co_await send_some(socket_, std::string_view(bytes, count), beside);
        if (ec) co_return ec;
        beside.clear();
        begun = n;
    }
    const auto [ec, n] = co_await asio::async_write(
        socket_, asio::buffer(bytes + begun, count - begun), agent::async::token);
    co_return ec;
}

void ClientConnection::hang_up() {
    boost::system::error_code ignored; // already gone is as good
    socket_.shutdown(Socket::shutdown_both, ignored);
}

} // namespace ipc
