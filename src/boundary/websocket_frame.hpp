#pragma once
// WebSocket frames (RFC 6455 §5) without I/O: headers parsed from bytes as they arrive and written
// in front of payloads, and the payload of close frames. proxy/WebSocketStream calls it; payload
// bytes never pass through here.

#include "boundary/mask.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace agent::boundary {

enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};
constexpr bool is_control(Opcode opcode) {
    return static_cast<std::uint8_t>(opcode) >= 8;
}

/// Which end of the connection we are: clients mask what they send, servers do not.
enum class Role : std::uint8_t { client, server };

inline constexpr std::size_t max_control_payload = 125;
inline constexpr std::size_t max_frame_header = 14;

/// Close codes used here (RFC 6455 §7.4 and Boundary's 3000).
struct CloseCode {
    static constexpr std::uint16_t normal = 1000;
    static constexpr std::uint16_t protocol_error = 1002;
    static constexpr std::uint16_t unsupported_data = 1003;
    static constexpr std::uint16_t no_status =
        1005; ///< never on the wire: the close frame was empty
    static constexpr std::uint16_t lost =
        1006; ///< never on the wire: the stream ended without a close frame
    static constexpr std::uint16_t invalid_payload = 1007;
    static constexpr std::uint16_t policy_violation = 1008;
    static constexpr std::uint16_t too_big = 1009;
    static constexpr std::uint16_t internal_error = 1011;
    static constexpr std::uint16_t endpoint_failed = 3000;
};

struct CloseFrame {
    std::uint16_t code = CloseCode::no_status;
    std::string reason;
    friend bool operator==(const CloseFrame&, const CloseFrame&) = default;
};

struct FrameHeader {
    bool final = true;
    Opcode opcode = Opcode::binary;
    std::optional<MaskKey> key; ///< present when the payload is masked
    std::uint64_t length = 0;
};

/// Reads one header after another. The caller takes `length` payload bytes off the stream between
/// two headers.
class FrameParser {
  public:
    explicit FrameParser(Role role) : role_(role) {}

    struct Step {
        std::size_t consumed = 0; ///< bytes of the input that belonged to the header
        std::optional<FrameHeader>
            header; ///< set once complete; the payload starts behind `consumed`
    };
    /// Takes as much of `bytes` as the header needs. Check failure() when no header came back.
    Step feed(std::span<const std::byte> bytes);
    /// What to close with when the peer broke the protocol; nothing more can be fed then.
    const std::optional<CloseFrame>& failure() const noexcept { return failure_; }
    /// Whether a header or a fragmented message is incomplete: an EOF now is no clean end.
    bool in_the_middle() const noexcept { return have_ != 0 || in_message_; }

  private:
    std::size_t wanted() const;
    std::optional<FrameHeader> parse();
    std::optional<FrameHeader> refuse(std::string reason);

    Role role_;
    bool in_message_ = false; // a data message has begun and its final frame has not come
    std::size_t have_ = 0;
    std::array<std::byte, max_frame_header> header_{};
    std::optional<CloseFrame> failure_;
};

/// Writes the header into the front of `out` and returns its length (2 to 14).
std::size_t write_frame_header(std::span<std::byte, max_frame_header> out,
                               const FrameHeader& header);

/// At most 125 bytes: a longer reason is cut between characters. no_status gives an empty payload.
std::string encode_close(const CloseFrame& close);
/// nullopt for a payload of one byte, a code that may not be sent, or a reason that is not UTF-8.
std::optional<CloseFrame> decode_close(std::string_view payload);

} // namespace agent::boundary
