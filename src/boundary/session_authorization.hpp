#pragma once
// What an authorization token holds: base58 over one protobuf message (SessionAuthorizationData).
// agentd and agent-proxy decode it; the dev server's controller encodes it.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::boundary {

struct AuthorizedScope {
    std::string id;
    std::string type;
    std::string name;
    std::string description;
    std::string parent_scope_id;
};

struct SessionAuthorization {
    std::string session_id;
    std::string target_id;
    AuthorizedScope scope;
    std::optional<WallTime> created_time;
    std::string type;                  ///< "tcp"
    std::int32_t connection_limit = 0; ///< -1: unlimited
    std::uint32_t endpoint_port = 0;
    std::optional<WallTime>
        expiration;          ///< absent from old servers: the certificate's NotAfter says it then
    std::string certificate; ///< X.509 DER: the client's and the worker's alike
    Secret private_key;      ///< 64 bytes: Ed25519 seed, then public key
    std::string host_id;     ///< empty for targets with a direct address
    std::string endpoint;    ///< "tcp://host:port"; absent from old servers
    std::vector<std::string>
        workers; ///< "host:port" in the order the controller gave; the port may be missing
    std::uint32_t default_client_port = 0; ///< 0: none
};

/// Errc::invalid_authorization with what is wrong: digits, protobuf, session id, workers,
/// certificate, key. Unknown fields are skipped. Surrounding whitespace is not trimmed. Expiry is
/// asked separately.
Result<SessionAuthorization> decode_authorization_token(std::string_view token);
std::string encode_authorization_token(const SessionAuthorization& authorization);

/// Errc::session_over when the session has expired at `now`.
Status check_not_expired(const SessionAuthorization& authorization, WallTime now);

} // namespace agent::boundary
