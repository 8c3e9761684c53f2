#pragma once
// WebSocketStream: binary WebSocket messages as a byte stream over TLS, for agent-proxy (client,
// masks) and the dev worker (server). Frames are parsed and masked in place: a payload byte is
// copied nowhere between TLS and the local socket's own buffer. One coroutine may read while
// another writes. A stream that waits holds no buffer: blocks are borrowed when there is something
// to move. Frames are read by turns, as records are (TlsStream), and a peer that sends those that
// carry nothing without end is refused.

#include "base/result.hpp"
#include "boundary/websocket_frame.hpp"
#include "net/tls_stream.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace agent::proxy {

class WebSocketStream {
  public:
    /// `early`: what arrived behind the upgrade.
    WebSocketStream(std::unique_ptr<net::TlsStream> tls, boundary::Role role,
                    std::string_view early = {});
    WebSocketStream(const WebSocketStream&) = delete;
    WebSocketStream& operator=(const WebSocketStream&) = delete;

    /// The next piece of payload, never empty, valid until the next read(). An empty piece: the
    /// peer has ended, and peer_close() says how. Pings are answered and a close is answered on the
    /// way.
    awaitable<Result<std::span<std::byte>>> read();
    /// What read() has without waiting; nullopt: tls().wait_readable(), then ask again. (Nothing
    /// has come, or the others are next.)
    Result<std::optional<std::span<std::byte>>> read_now();
    /// The next piece that was received together with the last one, for who sends several at once;
    /// all of them are valid until the next read(). nullopt: whatever comes next is read()'s.
    std::optional<std::span<std::byte>> read_received();
    /// One whole message. nullopt: the peer ended instead. Errc::limit_exceeded above `limit` bytes
    /// (closed with 1009).
    awaitable<Result<std::optional<std::string>>> read_message(std::size_t limit);

    /// Where the payload of the next frame goes: fill its front, then write() or put() so many
    /// bytes, or release it. At the full size the frame fills its TLS records.
    std::span<std::byte> write_space();
    void release_write_space() { sending_.give_back(); }
    /// Queues the first `count` bytes of write_space() as one binary message, behind what waits
    /// already; takes the space.
    Status put(std::size_t count);
    /// put() and flush().
    awaitable<Status> write(std::size_t count);
    /// For small messages that lie elsewhere.
    awaitable<Status> write_message(std::string_view message);
    /// The same in two steps, for several messages in one flight.
    Status put_message(std::string_view message);
    /// Returns when the kernel has all that was put.
    awaitable<Status> flush() { return tls_->flush(); }

    /// For keep_alive.cpp: counts that only grow.
    struct Activity {
        std::uint64_t received = 0; ///< bytes of any kind
        std::uint64_t pongs = 0;
        std::uint64_t messages = 0; ///< sent
    };
    Activity activity() const { return activity_; }
    /// Sends an empty ping, without waiting: if the socket is full, behind what fills it.
    void ping();
    /// The peer is gone for good: whoever reads or writes comes back with `why`.
    void give_up(Error why);
    const std::optional<Error>& given_up() const { return given_up_; }
    /// `error`, or why it was given up.
    Error told(const Error& error) const { return given_up_ ? *given_up_ : error; }
    const std::string& peer() const { return tls_->peer(); }

    /// The polite end, within `limit` and a second: CLOSE unless one was sent, whatever the peer
    /// still sends is read and dropped until it closes too, then TLS and TCP end. Nobody else may
    /// be reading; the caller cannot be cancelled from then on.
    awaitable<void> close(boundary::CloseFrame frame, std::chrono::steady_clock::duration limit);

    /// Set once the peer has ended: its CLOSE, or code `lost` for an end without one between two
    /// messages.
    const std::optional<boundary::CloseFrame>& peer_close() const { return peer_close_; }
    net::TlsStream& tls() { return *tls_; }

  private:
    struct Piece {
        std::span<std::byte> bytes; ///< may be empty
        bool ends_message = false;
        bool ends_stream = false;
    };
    enum class Step : std::uint8_t { piece, bytes_wanted, turn_over, ended };
    Result<std::optional<Piece>> next_piece();
    Result<std::optional<Piece>> take_end();
    /// Goes through what was received.
    Step advance(Piece& piece);
    Step refuse(boundary::CloseFrame why);
    bool is_welcome(const boundary::FrameHeader& header);
    Piece take_payload();
    void act_on_control(boundary::Opcode opcode);
    Status put_frame(boundary::Opcode opcode, std::byte* payload, std::size_t count);
    void put_control(boundary::Opcode opcode, std::string_view payload);
    awaitable<void> finish_close(boundary::CloseFrame frame);

    std::unique_ptr<net::TlsStream> tls_;
    boundary::Role role_;
    boundary::FrameParser parser_;

    net::Block received_;
    std::size_t begin_ = 0; ///< unparsed: received_[begin_, end_)
    std::size_t end_ = 0;
    std::optional<boundary::FrameHeader> frame_; ///< whose payload comes next
    std::uint64_t taken_ = 0;                    ///< payload bytes of frame_ already seen
    std::string control_;                        ///< payload of a control frame so far
    std::optional<boundary::CloseFrame> peer_close_;
    std::optional<Error> fault_; ///< of the peer, for the next read to tell
    std::uint32_t frames_left_;  ///< of this turn
    net::Allowance<1000, 100> idle_frames_;
    std::uint32_t pongs_due_ = 0;

    net::Block sending_; ///< room for a header, then write_space()
    bool close_sent_ = false;
    Activity activity_;
    std::optional<Error> given_up_;
};

} // namespace agent::proxy
