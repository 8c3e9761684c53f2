#pragma once
// Reads a client's first WebSocket message, without I/O: until then the worker has rules of its own
// (size, close codes) and afterwards the bytes behind the message belong to the data phase.
// connection.cpp feeds it what arrives.

#include "boundary/websocket_frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace devserver {

class HandshakeReader {
  public:
    /// Takes all of `bytes`; after complete() or refusal() they are kept for rest().
    void feed(std::string_view bytes);

    /// The message, once its last frame is there.
    const std::optional<std::string>& complete() const { return complete_; }
    /// What to close with instead: the peer closed (its own code), or broke a rule.
    const std::optional<agent::boundary::CloseFrame>& refusal() const { return refusal_; }
    /// What came behind the message, unparsed.
    std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
    /// Pongs to send now.
    std::string take_replies();

  private:
    bool take_frame();
    void refuse(std::uint16_t code, std::string_view reason);

    agent::boundary::FrameParser parser_{agent::boundary::Role::server};
    std::optional<agent::boundary::FrameHeader> frame_; // header seen, payload not complete
    std::string buffer_;
    std::size_t at_ = 0; // consumed part of buffer_
    std::string message_;
    std::string replies_;
    std::optional<std::string> complete_;
    std::optional<agent::boundary::CloseFrame> refusal_;
};

} // namespace devserver
