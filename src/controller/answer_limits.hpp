#pragma once
// What an answer of a controller may cost, all in one place. Together they keep agentd under 64 MiB
// whatever a controller sends, and each turn of its loop short: see README.md.

#include <cstddef>
#include <cstdint>

namespace agent::controller {

/// A body that is passed on as text, or a page of a list.
inline constexpr std::size_t max_body_bytes = 16U << 20U;
/// A body that becomes a tree: a node (a name counts as well) takes up to some 150 bytes, and a
/// tree is built in one turn.
inline constexpr std::size_t max_tree_bytes = 4U << 20U;
inline constexpr std::size_t max_tree_nodes = 250000;
/// Less than JSON's own limit: an answer travels on inside a reply.
inline constexpr int max_answer_depth = 60;
/// The status line and the fields of an answer, and each line of a chunked one.
inline constexpr std::uint32_t max_head_bytes = 64U << 10U;
/// What is neither head nor body (chunk sizes and extensions, trailers, interim answers) beside as
/// much body.
inline constexpr std::size_t max_overhead_bytes = 1U << 20U;
inline constexpr int max_interim_answers = 16;
/// One read, and so what is parsed in one turn.
inline constexpr std::size_t read_piece_bytes = 64U << 10U;
/// Handshake messages of TLS in the life of a connection. A handshake has some six, and two or
/// three tickets follow.
inline constexpr std::size_t max_handshakes = 64;

/// All items of one list, with what each costs beside its text.
inline constexpr std::size_t max_list_bytes = 36U << 20U;
inline constexpr std::size_t item_overhead_bytes = 200;
/// Memory that goes back to the system at once when it is freed.
inline constexpr std::size_t worth_giving_back = 1U << 20U;
inline constexpr int max_pages = 20000;
/// Pages in a row that bring nothing new.
inline constexpr int max_empty_pages = 100;
inline constexpr std::size_t max_list_token_bytes = 16U << 10U;

} // namespace agent::controller
