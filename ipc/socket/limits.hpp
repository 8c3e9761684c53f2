#pragma once
// The bounds of the Varlink socket, all in one place.

#include <chrono>
#include <cstddef>

namespace ipc {

/// A request: 1 MiB, and room for an authorization token beside it.
inline constexpr std::size_t max_request_bytes = (1U << 20U) + (64U << 10U);
/// A reply, as a client accepts it: a list of a very large cluster.
inline constexpr std::size_t max_reply_bytes = 256U << 20U;
/// Connected clients at once; each costs a file descriptor even while it says nothing.
inline constexpr std::size_t max_clients = 128;
/// Calls that a client may send ahead; beyond them its bytes stay in the socket.
inline constexpr std::size_t max_pipelined_calls = 64;
/// Descriptors beside one message.
inline constexpr std::size_t max_descriptors = 4;
/// A client that takes no byte of a reply for so long is dropped.
inline constexpr std::chrono::seconds slow_reader_timeout{10};
/// A client that has connected and said nothing yet when the server stops gets so long to ask.
inline constexpr std::chrono::milliseconds first_call_grace{500};
/// A reply goes out in pieces of this size, each under slow_reader_timeout.
inline constexpr std::size_t write_piece_bytes = 256U << 10U;
/// After a reply that was larger the memory it took goes back to the system.
inline constexpr std::size_t worth_giving_back = 1U << 20U;

} // namespace ipc
