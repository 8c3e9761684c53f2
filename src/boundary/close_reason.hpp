#pragma once
// What a worker's close means: the code and reason it gave, before or after its HandshakeResult,
// turned into what agent-proxy should do and what a person should read.

#include "base/error.hpp"
#include "boundary/websocket_frame.hpp"

#include <cstdint>
#include <string_view>

namespace agent::boundary {

enum class CloseMeaning : std::uint8_t {
    normal_end, ///< the endpoint ended, or the worker cut the connection: the controller knows
                ///< which
    retry,      ///< nothing happened and nothing was spent: try again, with the bytes already sent
    session_over, ///< used up, canceled or expired: no connection of this session will succeed any
                  ///< more
    tofu_refused, ///< another process holds the session
    endpoint_unreachable, ///< the worker could not dial the target; the connection is spent
    refused,              ///< final for this connection only
};

enum class HandshakePhase : std::uint8_t { before_result, after_result };

struct CloseVerdict {
    CloseMeaning meaning = CloseMeaning::refused;
    Error error; ///< code, hop and words; also filled for normal_end (for the log)
};

/// `close.code` is CloseCode::lost when the stream ended without a close frame. `worker` and
/// `endpoint` are addresses for the message; `endpoint` may be empty. The reason is the peer's
/// text: it is quoted, control characters removed.
CloseVerdict weigh_close(const CloseFrame& close, HandshakePhase phase, std::string_view worker,
                         std::string_view endpoint);

} // namespace agent::boundary
