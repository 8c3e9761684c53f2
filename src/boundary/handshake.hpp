#pragma once
// The two protobuf messages that open every connection: one WebSocket binary message each, no
// length prefix. agent-proxy sends the first and reads the second; the dev server's worker does the
// opposite.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agent::boundary {

enum class HandshakeCommand : std::int32_t {
    open = 0,           ///< the usual case: carry bytes
    session_cancel = 1, ///< end the session; the worker answers with a close
};

struct ClientHandshake {
    Secret tofu_token;
    HandshakeCommand command = HandshakeCommand::open;
};

struct HandshakeResult {
    std::optional<WallTime> expiration;
    std::int32_t connection_limit = 0; ///< -1: unlimited
    std::int32_t connections_left =
        0; ///< after this one; absent on the wire means 0; -1: unlimited
};

std::string encode_client_handshake(const ClientHandshake& handshake);
/// Errc::worker_refused for what is no such message. The token's length is not judged here.
Result<ClientHandshake> decode_client_handshake(std::string_view message);

std::string encode_handshake_result(const HandshakeResult& result);
Result<HandshakeResult> decode_handshake_result(std::string_view message);

} // namespace agent::boundary
