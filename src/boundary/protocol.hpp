#pragma once
// The fixed words and numbers of Boundary's worker protocol. Used by agent-proxy and by the dev
// server's worker.

#include "base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agent::boundary {

inline constexpr std::string_view proxy_path = "/v1/proxy";
inline constexpr std::string_view subprotocol = "boundary-tcp-proxy-v1";
inline constexpr std::string_view alpn_http = "http/1.1"; ///< what the worker negotiates
inline constexpr std::string_view session_id_prefix = "s_";
inline constexpr std::uint16_t default_worker_port = 9202;
inline constexpr std::size_t tofu_token_bytes = 20;
inline constexpr std::size_t private_key_bytes = 64;      ///< Ed25519 seed, then public key
inline constexpr std::size_t max_handshake_bytes = 32768; ///< the first message of either side

/// "s_" and base62; at most 64 characters, so that it fits an ALPN entry and a file name.
bool is_session_id(std::string_view text);
/// ALPN as OpenSSL wants it: "http/1.1" for the choice, then the session id, which is how the
/// worker finds the session.
std::string alpn_wire_list(std::string_view session_id);
/// The session's id in a ClientHello's ALPN extension (same format): the first entry that starts
/// "s_"; empty if none.
std::string_view session_id_in_alpn(std::string_view wire_list);
/// What binds a session to its first user: random, and text because protobuf wants UTF-8.
Secret new_tofu_token();

} // namespace agent::boundary
