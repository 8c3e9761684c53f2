#pragma once
// The one HTTP request a worker answers, without I/O: bytes in, the answer's bytes out.
// connection.cpp calls it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace devserver {

inline constexpr std::size_t max_request_head = 16 * 1024;

/// Where the head ends (behind its empty line); what follows belongs to the WebSocket. nullopt: not
/// complete yet.
std::optional<std::size_t> request_head_length(std::string_view received);

struct UpgradeAnswer {
    int status = 101;
    std::string text; ///< head and body, ready to send
    bool upgraded() const { return status == 101; }
};

/// `head` is one complete request head. 101 echoes our subprotocol when it was offered, and answers
/// without one too: the client is who must insist.
UpgradeAnswer answer_upgrade(std::string_view head);
/// Any other answer, for what is decided elsewhere: 431 a head too long, 500 a session that is
/// gone.
UpgradeAnswer answer_plainly(int status);

} // namespace devserver
