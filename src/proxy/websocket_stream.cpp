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

constexpr std::size_t receive_bytes = net::Block::bytes;
// With a client's header of 8 bytes in front this makes four full TLS records.
constexpr std::size_t payload_bytes = 64 * 1024 - 8;
static_assert(max_frame_header + payload_bytes <= net::Block::bytes);
constexpr std::uint32_t frames_a_turn = 1024;
// A peer that pings without reading gets no more pongs than this.
constexpr std::size_t pong_bound = 256 * 1024;
constexpr std::chrono::seconds close_echo_limit{1};

// One getrandom() for many frames' keys.
boundary::MaskKey next_mask_key() {
    static thread_local std::array<boundary::MaskKey, 64> keys;
    static thread_local std::size_t used = keys.size();
    if (used == keys.size()) {
        fill_random(std::as_writable_bytes(std::span(keys)));
        used = 0;
    }
    return keys[used++];
}

} // namespace

WebSocketStream::WebSocketStream(std::unique_ptr<net::TlsStream> tls, Role role,
                                 std::string_view early)
    : tls_(std::move(tls)), role_(role), parser_(role), frames_left_(frames_a_turn) {
    if (early.empty()) return;
    received_ = net::Block::borrow();
    end_ = std::min(early.size(), receive_bytes);
    std::memcpy(received_.data(), early.data(), end_);
}

// Reading

awaitable<Result<std::span<std::byte>>> WebSocketStream::read() {
    for (;;) {
        const auto piece = read_now();
        if (!piece) co_return piece.error();
        if (*piece) co_return **piece;
        const auto ready = co_await tls_->wait_readable();
        if (!ready) co_return told(ready.error());
    }
}

Result<std::optional<std::span<std::byte>>> WebSocketStream::read_now() {
    using Received = std::optional<std::span<std::byte>>;
    for (;;) {
        const auto piece = next_piece();
        if (!piece) return piece.error();
        if (!*piece) return Received();
        if ((*piece)->ends_stream || !(*piece)->bytes.empty()) return Received((*piece)->bytes);
    }
}

std::optional<std::span<std::byte>> WebSocketStream::read_received() {
    for (;;) {
        Piece piece;
        if (peer_close_ || advance(piece) != Step::piece) return std::nullopt;
        if (!piece.bytes.empty()) return piece.bytes;
    }
}

awaitable<Result<std::optional<std::string>>> WebSocketStream::read_message(std::size_t limit) {
    std::string message;
    for (;;) {
        const auto next = next_piece();
        if (!next) co_return next.error();
        if (!*next) {
            const auto ready = co_await tls_->wait_readable();
            if (!ready) co_return told(ready.error());
            continue;
        }
        const Piece& piece = **next;
        if (piece.ends_stream) co_return std::optional<std::string>();
        if (message.size() + piece.bytes.size() > limit) {
            CloseFrame why;
            why.code = CloseCode::too_big;
            why.reason = "read limited at " + std::to_string(limit + 1) + " bytes";
            refuse(std::move(why));
            (void)take_end();
            co_return fail(Errc::limit_exceeded, Hop::worker,
                           "a message of " + tls_->peer() + " is too long");
        }
        message.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
        if (piece.ends_message) co_return std::optional<std::string>(std::move(message));
    }
}

Result<std::optional<WebSocketStream::Piece>> WebSocketStream::next_piece() {
    for (;;) {
        Piece piece;
        const Step step = peer_close_ ? Step::ended : advance(piece);
        if (step == Step::piece) return std::optional<Piece>(piece);
        if (step == Step::ended) return take_end();
        if (step == Step::turn_over) {
            frames_left_ = frames_a_turn;
            tls_->end_turn();
            return std::optional<Piece>();
        }
        begin_ = end_ = 0;
        if (!received_) received_ = net::Block::borrow();
        const auto count = tls_->try_read({received_.data(), receive_bytes});
        if (!count) return told(count.error());
        if (!*count) {
            received_.give_back();
            return std::optional<Piece>();
        }
        end_ = **count;
        activity_.received += end_;
        if (end_ == 0) {
            if (frame_ || parser_.in_the_middle()) {
                received_.give_back();
                return told(
                    fail(Errc::worker_unreachable, Hop::worker,
                         tls_->peer() + " ended the connection in the middle of a message"));
            }
            peer_close_.emplace();
            peer_close_->code = CloseCode::lost;
        }
    }
}

Result<std::optional<WebSocketStream::Piece>> WebSocketStream::take_end() {
    received_.give_back();
    begin_ = end_ = 0;
    // The answer to a close goes out before the caller learns of it, because the peer waits for it.
    // Where the kernel takes nothing now, close() sends it.
    tls_->send_waiting();
    if (fault_) {
        const Error fault = *std::exchange(fault_, std::nullopt);
        return fault;
    }
    Piece end;
    end.ends_stream = true;
    return std::optional<Piece>(end);
}

WebSocketStream::Step WebSocketStream::advance(Piece& piece) {
    for (;;) {
        if (frame_ && (begin_ < end_ || frame_->length == 0)) {
            const auto opcode = frame_->opcode;
            piece = take_payload();
            const bool whole = !frame_;
            if (!boundary::is_control(opcode)) return Step::piece;
            control_.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
            if (!whole) continue;
            act_on_control(opcode);
            if (peer_close_) return Step::ended;
            continue;
        }
        if (begin_ == end_) return Step::bytes_wanted;
        if (frames_left_ == 0) return Step::turn_over;
        const auto step = parser_.feed({received_.data() + begin_, end_ - begin_});
        begin_ += step.consumed;
        if (parser_.failure()) return refuse(*parser_.failure());
        if (!step.header) continue;
        if (step.header->opcode == Opcode::text) {
            CloseFrame why;
            why.code = CloseCode::unsupported_data;
            why.reason = "only binary messages are spoken here";
            return refuse(std::move(why));
        }
        --frames_left_;
        if (!is_welcome(*step.header)) {
            CloseFrame why;
            why.code = CloseCode::policy_violation;
            why.reason = "frames that carry nothing, without end";
            return refuse(std::move(why));
        }
        frame_ = step.header;
        taken_ = 0;
        control_.clear();
    }
}

// Pings, pongs that answer nothing and empty frames are allowed now and then, and one beside each
// frame with bytes in it.
bool WebSocketStream::is_welcome(const FrameHeader& header) {
    if (header.opcode == Opcode::close) return true;
    if (!boundary::is_control(header.opcode) && header.length > 0) {
        idle_frames_.earn();
        return true;
    }
    if (header.opcode == Opcode::pong && pongs_due_ > 0) {
        --pongs_due_;
        return true;
    }
    return idle_frames_.take();
}

// What has arrived of frame_'s payload, unmasked in place; forgets frame_ once it is complete.
WebSocketStream::Piece WebSocketStream::take_payload() {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(end_ - begin_, frame_->length - taken_));
    Piece piece;
    piece.bytes = {received_.data() + begin_, count};
    if (frame_->key) boundary::mask(piece.bytes, *frame_->key, static_cast<std::size_t>(taken_));
    begin_ += count;
    taken_ += count;
    if (taken_ == frame_->length) {
        piece.ends_message = frame_->final;
        frame_.reset();
    }
    return piece;
}

void WebSocketStream::act_on_control(Opcode opcode) {
    if (opcode == Opcode::ping && tls_->waiting() < pong_bound) put_control(Opcode::pong, control_);
    if (opcode == Opcode::pong) ++activity_.pongs;
    if (opcode != Opcode::close) return;
    peer_close_ = boundary::decode_close(control_);
    if (!peer_close_) {
        peer_close_.emplace();
        peer_close_->code = CloseCode::protocol_error;
    }
    if (!close_sent_) put_control(Opcode::close, boundary::encode_close(*peer_close_));
    close_sent_ = true;
}

// Nothing behind the fault can be understood.
WebSocketStream::Step WebSocketStream::refuse(CloseFrame why) {
    fault_ = fail(Errc::worker_refused, Hop::worker,
                  tls_->peer() + " broke the WebSocket protocol: " + why.reason);
    if (!close_sent_) put_control(Opcode::close, boundary::encode_close(why));
    close_sent_ = true;
    peer_close_ = std::move(why);
    return Step::ended;
}

// Writing

std::span<std::byte> WebSocketStream::write_space() {
    if (!sending_) sending_ = net::Block::borrow();
    return {sending_.data() + max_frame_header, payload_bytes};
}

Status WebSocketStream::put(std::size_t count) {
    const auto done = put_frame(Opcode::binary, sending_.data() + max_frame_header, count);
    sending_.give_back();
    return done;
}

awaitable<Status> WebSocketStream::write(std::size_t count) {
    const auto done = put(count);
    if (!done) co_return done.error();
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
    if (tls_->waiting() >= pong_bound) return; // what it would measure is plain already
    ++pongs_due_;
    put_control(Opcode::ping, std::string_view(""));
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
        header.key = next_mask_key();
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
    (void)put_frame(opcode, frame.data() + max_frame_header,
                    payload.size()); // a dead stream is met by the next read
}

// Ending

awaitable<void> WebSocketStream::close(CloseFrame frame,
                                       std::chrono::steady_clock::duration limit) {
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
        const auto piece = co_await read(); // dropped
        if (!piece) co_return;
    }
}

} // namespace agent::proxy
