#pragma once
// How a worker's connection says goodbye: close frames, and an end of TLS that no reset overtakes.
// connection.cpp and carry.cpp call it.

#include "async/token.hpp"
#include "boundary/websocket_frame.hpp"
#include "net/tls_stream.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace devserver {

inline constexpr std::chrono::seconds farewell_limit{1};

agent::boundary::CloseFrame close_with(std::uint16_t code, std::string_view reason);
/// The frame's bytes, for a stream that is no WebSocketStream yet.
std::string encoded(const agent::boundary::CloseFrame& close);
/// close_notify and FIN; then what the client still sends is dropped for a moment, so that no reset
/// overtakes them.
agent::awaitable<void> end_quietly(agent::net::TlsStream& tls);

} // namespace devserver
