#include "proxy/websocket_stream.hpp"

#include "async/with_timeout.hpp"
#include "base/random.hpp"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <cstring>

namespace agent::proxy {
namespace {

using boundary::CloseCode;
using boundary::CloseFrame;
using boundary::FrameHeader;
using boundary::max_frame_header;
using boundary::Opcode;
using boundary::Role;

constexpr std::size_t receive_bytes = 64 * 1024;
// With a client's header of 8 bytes in front this makes four full TLS records.
constexpr std::size_t payload_bytes = 64 * 1024 - 8;
// A peer that pings without reading gets no more pongs than this.
constexpr std::size_t pong_bound = 256 * 1024;
constexpr std::chrono::seconds close_echo_limit{1};

} // namespace

WebSocketStream::WebSocketStream(std::unique_ptr<net::TlsStream> tls, Role role, std::string_view early)
    : tls_(std::move(tls)), role_(role), parser_(role),
      received_(std::make_unique_for_overwrite<std::byte[]>(receive_bytes)),
      sending_(std::make_unique_for_overwrite<std::byte[]>(max_frame_header + payload_bytes)) {
    end_ = std::min(early.size(), receive_bytes);
    std::memcpy(received_.get(), early.data(), end_);
}

// Reading

awaitable<Result<std::span<std::byte>>> WebSocketStream::read() {
    for (;;) {
        const auto piece = co_await next_piece();
        if (!piece) co_return piece.error();
        if (piece->ends_stream || !piece->bytes.empty()) co_return piece->bytes;
    }
}

awaitable<Result<std::optional<std::string>>> WebSocketStream::read_message(std::size_t limit) {
    std::string message;
    for (;;) {
        const auto piece = co_await next_piece();
        if (!piece) co_return piece.error();
        if (piece->ends_stream) co_return std::optional<std::string>();
        if (message.size() + piece->bytes.size() > limit) {
            CloseFrame why;
            why.code = CloseCode::too_big;
            why.reason = "read limited at " + std::to_string(limit + 1) + " bytes";
            (void)co_await refuse(std::move(why));
            co_return fail(Errc::limit_exceeded, Hop::worker, "a message of " + tls_->peer() + " is too long");
        }
        message.append(reinterpret_cast<const char*>(piece->bytes.data()), piece->bytes.size());
        if (piece->ends_message) co_return std::optional<std::string>(std::move(message));
    }
}

awaitable<Result<WebSocketStream::Piece>> WebSocketStream::next_piece() {
    for (;;) {
        if (peer_close_) {
            Piece end;
            end.ends_stream = true;
            co_return end;
        }
        if (frame_ && (begin_ < end_ || frame_->length == 0)) {
            const auto opcode = frame_->opcode;
            const auto piece = take_payload();
            const bool whole = !frame_;
            if (!boundary::is_control(opcode)) co_return piece;
            control_.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
            if (!whole) continue;
            // The answer to a close goes out before the caller learns of it: the peer waits for it.
            if (act_on_control(opcode)) (void)co_await async::with_timeout(tls_->flush(), close_echo_limit);
            continue;
        }
        if (begin_ < end_) {
            const auto step = parser_.feed({received_.get() + begin_, end_ - begin_});
            begin_ += step.consumed;
            if (parser_.failure()) co_return co_await refuse(*parser_.failure());
            if (!step.header) continue;
            if (step.header->opcode == Opcode::text) {
                CloseFrame why;
                why.code = CloseCode::unsupported_data;
                why.reason = "only binary messages are spoken here";
                co_return co_await refuse(std::move(why));
            }
            frame_ = step.header;
            taken_ = 0;
            control_.clear();
            continue;
        }
        begin_ = end_ = 0;
        const auto count = co_await tls_->read_some({received_.get(), receive_bytes});
        if (!count && given_up_) co_return *given_up_;
        if (!count) co_return count.error();
        activity_.received += *count;
        if (*count == 0) {
            peer_close_.emplace();
            peer_close_->code = CloseCode::lost;
        }
        end_ = *count;
    }
}

// What has arrived of frame_'s payload, unmasked in place; forgets frame_ once it is complete.
WebSocketStream::Piece WebSocketStream::take_payload() {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(end_ - begin_, frame_->length - taken_));
    Piece piece;
    piece.bytes = {received_.get() + begin_, count};
    if (frame_->key) boundary::mask(piece.bytes, *frame_->key, static_cast<std::size_t>(taken_));
    begin_ += count;
    taken_ += count;
    if (taken_ == frame_->length) {
        piece.ends_message = frame_->final;
        frame_.reset();
    }
    return piece;
}

bool WebSocketStream::act_on_control(Opcode opcode) {
    if (opcode == Opcode::ping && tls_->waiting() < pong_bound) put_control(Opcode::pong, control_);
    if (opcode == Opcode::pong) ++activity_.pongs;
    if (opcode != Opcode::close) return false;
    peer_close_ = boundary::decode_close(control_);
    if (!peer_close_) {
        peer_close_.emplace();
        peer_close_->code = CloseCode::protocol_error;
    }
    if (!close_sent_) put_control(Opcode::close, boundary::encode_close(*peer_close_));
    close_sent_ = true;
    return true;
}

awaitable<Error> WebSocketStream::refuse(CloseFrame why) {
    Error error =
        fail(Errc::worker_refused, Hop::worker, tls_->peer() + " broke the WebSocket protocol: " + why.reason);
    if (!close_sent_) put_control(Opcode::close, boundary::encode_close(why));
    close_sent_ = true;
    peer_close_ = std::move(why); // nothing behind the fault can be understood
    (void)co_await async::with_timeout(tls_->flush(), close_echo_limit);
    co_return error;
}

// Writing

std::span<std::byte> WebSocketStream::write_space() {
    return {sending_.get() + max_frame_header, payload_bytes};
}

awaitable<Status> WebSocketStream::write(std::size_t count) {
    if (auto put = put_frame(Opcode::binary, sending_.get() + max_frame_header, count); !put) co_return put.error();
    co_return co_await tls_->flush();
}

awaitable<Status> WebSocketStream::write_message(std::string_view message) {
    auto put = put_message(message);
    if (!put) co_return put.error();
    co_return co_await tls_->flush();
}

Status WebSocketStream::put_message(std::string_view message) {
    std::vector<std::byte> bytes(max_frame_header + message.size());
    std::memcpy(bytes.data() + max_frame_header, message.data(), message.size());
    return put_frame(Opcode::binary, bytes.data() + max_frame_header, message.size());
}

void WebSocketStream::ping() {
    put_control(Opcode::ping, {});
    tls_->send_waiting();
}

void WebSocketStream::give_up(Error why) {
    if (!given_up_) given_up_ = std::move(why);
    tls_->close();
}

// Masks in place and writes the header into the room in front of `payload`.
Status WebSocketStream::put_frame(Opcode opcode, std::byte* payload, std::size_t count) {
    if (!boundary::is_control(opcode)) ++activity_.messages;
    FrameHeader header;
    header.opcode = opcode;
    header.length = count;
    if (role_ == Role::client) {
        fill_random(header.key.emplace());
        boundary::mask({payload, count}, *header.key, 0);
    }
    std::array<std::byte, max_frame_header> text;
    const auto size = boundary::write_frame_header(text, header);
    std::memcpy(payload - size, text.data(), size);
    return tls_->put({payload - size, size + count});
}

// Only queues: the reader, who calls this, must not wait for the socket.
void WebSocketStream::put_control(Opcode opcode, std::string_view payload) {
    std::array<std::byte, max_frame_header + boundary::max_control_payload> frame;
    std::memcpy(frame.data() + max_frame_header, payload.data(), payload.size());
    (void)put_frame(opcode, frame.data() + max_frame_header, payload.size()); // a dead stream is met by the next read
}

// Ending

awaitable<void> WebSocketStream::close(CloseFrame frame, std::chrono::steady_clock::duration limit) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    (void)co_await async::with_timeout(finish_close(std::move(frame)), limit);
    co_await tls_->shutdown(close_echo_limit);
    tls_->close();
}

awaitable<void> WebSocketStream::finish_close(CloseFrame frame) {
    if (!close_sent_) put_control(Opcode::close, boundary::encode_close(frame));
    close_sent_ = true;
    const auto sent = co_await tls_->flush();
    if (!sent) co_return;
    while (!peer_close_) {
        const auto piece = co_await next_piece();
        if (!piece) co_return;
    }
}

} // namespace agent::proxy
