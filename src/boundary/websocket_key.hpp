#pragma once
// Sec-WebSocket-Key and Sec-WebSocket-Accept (RFC 6455 §4): proof that the other side understood
// the upgrade.

#include <string>
#include <string_view>

namespace agent::boundary {

/// Sixteen random bytes in base64, for the client's request.
std::string new_websocket_key();
/// What the server must answer to `key`.
std::string websocket_accept(std::string_view key);
/// Whether `key` is base64 of sixteen bytes.
bool is_websocket_key(std::string_view key);

} // namespace agent::boundary
