#include "boundary/websocket_frame.hpp"

#include "boundary/utf8.hpp"

#include <algorithm>
#include <cassert>

namespace agent::boundary {
namespace {

constexpr std::uint8_t final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0f;
constexpr std::uint8_t mask_bit = 0x80, length_bits = 0x7f;
constexpr std::uint8_t length_in_16_bits = 126, length_in_64_bits = 127;

std::uint8_t number(std::byte byte) {
    return std::to_integer<std::uint8_t>(byte);
}

bool is_known(std::uint8_t opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

} // namespace

FrameParser::Step FrameParser::feed(std::span<const std::byte> bytes) {
    Step step;
    while (!failure_ && !step.header && step.consumed < bytes.size()) {
        const auto take = std::min(wanted() - have_, bytes.size() - step.consumed);
        std::ranges::copy(bytes.subspan(step.consumed, take),
                          header_.begin() + static_cast<std::ptrdiff_t>(have_));
        have_ += take;
        step.consumed += take;
        if (have_ == wanted()) step.header = parse();
    }
    return step;
}

// Known in two steps: the second byte says how long the whole header is.
std::size_t FrameParser::wanted() const {
    if (have_ < 2) return 2;
    const auto second = number(header_[1]);
    const auto length = second & length_bits;
    return 2 +
           (length == length_in_64_bits   ? 8u
            : length == length_in_16_bits ? 2u
                                          : 0u) +
           ((second & mask_bit) ? 4u : 0u);
}

std::optional<FrameHeader> FrameParser::parse() {
    const auto first = number(header_[0]), second = number(header_[1]);
    if (first & reserved_bits) return refuse("reserved bits are set and no extension was agreed");
    if (!is_known(first & opcode_bits)) return refuse("unknown opcode");

    FrameHeader header;
    header.final = first & final_bit;
    header.opcode = static_cast<Opcode>(first & opcode_bits);
    const bool masked = second & mask_bit;
    if (masked != (role_ == Role::server))
        return refuse(masked ? "a server's frame is masked" : "a client's frame is not masked");

    std::size_t at = 2;
    header.length = second & length_bits;
    if (header.length >= length_in_16_bits) {
        const std::size_t size = header.length == length_in_16_bits ? 2 : 8;
        header.length = 0;
        for (std::size_t i = 0; i < size; ++i)
            header.length = header.length << 8 | number(header_[at++]);
        if (header.length >> 63) return refuse("payload length has its highest bit set");
        if (header.length < (size == 2 ? length_in_16_bits : 0x10000u))
            return refuse("payload length is not in its shortest form");
    }
    if (masked) {
        MaskKey key;
        std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(at), key.size(), key.begin());
        header.key = key;
    }

    if (is_control(header.opcode)) {
        if (!header.final) return refuse("a control frame is fragmented");
        if (header.length > max_control_payload)
            return refuse("a control frame is longer than 125 bytes");
    } else {
        const bool continues = header.opcode == Opcode::continuation;
        if (continues && !in_message_) return refuse("a continuation frame continues nothing");
        if (!continues && in_message_) return refuse("a message began inside another");
        in_message_ = !header.final;
    }
    have_ = 0;
    return header;
}

std::optional<FrameHeader> FrameParser::refuse(std::string reason) {
    failure_.emplace();
    failure_->code = CloseCode::protocol_error;
    failure_->reason = std::move(reason);
    return std::nullopt;
}

std::size_t write_frame_header(std::span<std::byte, max_frame_header> out,
                               const FrameHeader& header) {
    assert(!is_control(header.opcode) || (header.final && header.length <= max_control_payload));
    std::size_t at = 0;
    const auto put = [&](std::uint64_t value) { out[at++] = static_cast<std::byte>(value & 0xff); };
    const std::uint8_t mask = header.key ? mask_bit : 0;
    put((header.final ? final_bit : 0u) | static_cast<std::uint8_t>(header.opcode));
    if (header.length < length_in_16_bits) {
        put(mask | header.length);
    } else {
        const bool small = header.length <= 0xffff;
        put(mask | (small ? length_in_16_bits : length_in_64_bits));
        for (int shift = small ? 8 : 56; shift >= 0; shift -= 8) put(header.length >> shift);
    }
    if (header.key)
        for (const auto byte : *header.key) out[at++] = byte;
    return at;
}

std::string encode_close(const CloseFrame& close) {
    if (close.code == CloseCode::no_status) return {};
    std::string payload;
    payload += static_cast<char>(close.code >> 8);
    payload += static_cast<char>(close.code & 0xff);
    payload += utf8_prefix(close.reason, max_control_payload - 2);
    return payload;
}

std::optional<CloseFrame> decode_close(std::string_view payload) {
    CloseFrame close;
    if (payload.empty()) return close;
    if (payload.size() < 2) return std::nullopt;
    close.code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                            static_cast<unsigned char>(payload[1]));
    const bool may_be_sent =
        (close.code >= 1000 && close.code <= 1014 && close.code != 1004 &&
         close.code != CloseCode::no_status && close.code != CloseCode::lost) ||
        (close.code >= 3000 && close.code <= 4999);
    if (!may_be_sent || !is_utf8(payload.substr(2))) return std::nullopt;
    close.reason = payload.substr(2);
    return close;
}

} // namespace agent::boundary
