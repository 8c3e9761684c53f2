#include "devserver/worker/handshake_reader.hpp"

#include "boundary/protocol.hpp"

#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>

namespace devserver {
namespace {

using agent::boundary::CloseCode;
using agent::boundary::FrameHeader;
using agent::boundary::Opcode;

constexpr std::string_view invalid_handshake = "invalid handshake received";
// A peer that only pings is owed no more memory than this.
constexpr std::size_t reply_bound = 64 * 1024;

std::string pong(const std::string& payload) {
    FrameHeader header;
    header.opcode = Opcode::pong;
    header.length = payload.size();
    std::array<std::byte, agent::boundary::max_frame_header> bytes;
    const auto length = agent::boundary::write_frame_header(bytes, header);
    return std::string(reinterpret_cast<const char*>(bytes.data()), length) + payload;
}

} // namespace

void HandshakeReader::feed(std::string_view bytes) {
    buffer_ += bytes;
    while (!complete_ && !refusal_ && take_frame()) {
    }
}

// false: more bytes are needed.
bool HandshakeReader::take_frame() {
    if (!frame_) {
        const auto step = parser_.feed(std::as_bytes(std::span(buffer_)).subspan(at_));
        at_ += step.consumed;
        if (parser_.failure()) refuse(CloseCode::policy_violation, invalid_handshake);
        if (!step.header) return false;
        frame_ = step.header;
        if (frame_->opcode == Opcode::text) refuse(CloseCode::policy_violation, invalid_handshake);
        // Judged by what the header promises, so nothing above the limit is ever held.
        if (message_.size() + frame_->length > agent::boundary::max_handshake_bytes)
            refuse(CloseCode::too_big, fmt::format("read limited at {} bytes",
                                                   agent::boundary::max_handshake_bytes + 1));
        if (refusal_) return false;
    }
    if (buffer_.size() - at_ < frame_->length) return false;
    auto payload = buffer_.substr(at_, frame_->length);
    at_ += payload.size();
    agent::boundary::mask(std::as_writable_bytes(std::span(payload)), *frame_->key, 0);
    const auto header = *frame_;
    frame_.reset();

    switch (header.opcode) {
    case Opcode::ping:
        if (replies_.size() < reply_bound) replies_ += pong(payload);
        break;
    case Opcode::pong:
        break;
    case Opcode::close: {
        const auto close = agent::boundary::decode_close(payload);
        if (close)
            refusal_ = *close;
        else
            refuse(CloseCode::policy_violation, invalid_handshake);
        break;
    }
    default:
        message_ += payload;
        if (header.final) complete_ = std::move(message_);
    }
    if (!complete_ && at_ > reply_bound) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    return true;
}

void HandshakeReader::refuse(std::uint16_t code, std::string_view reason) {
    refusal_.emplace();
    refusal_->code = code;
    refusal_->reason = reason;
}

std::string HandshakeReader::take_replies() {
    return std::exchange(replies_, {});
}

} // namespace devserver
