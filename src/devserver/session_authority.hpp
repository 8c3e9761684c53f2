#pragma once
// SessionAuthority: what the dev server's worker asks its controller. The worker (worker/) calls
// it, the store (store/) implements it; both live in one process and one thread, so calls are plain
// and synchronous. The rules are those of Boundary's controller: a connection is spent by
// authorize_connection, never by less.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace devserver {

using agent::Result;
using agent::Secret;
using agent::Status;
using agent::WallTime;

enum class SessionStatus : std::uint8_t { pending, active, canceling, terminated };

/// What LookupSession tells a worker.
struct SessionRecord {
    std::string id;
    SessionStatus status = SessionStatus::pending;
    std::uint32_t version = 1;
    std::string certificate_der;
    Secret private_key; ///< 64 bytes: Ed25519 seed, then public key
    Secret tofu_token;  ///< empty while nobody has used the session
    WallTime expiration;
    std::string endpoint; ///< "tcp://host:port"
};

struct ConnectionGrant {
    std::string connection_id; ///< sc_…
    WallTime expiration;       ///< the session's
    std::int32_t connection_limit = -1;
    std::int32_t connections_left = -1; ///< after this one; -1 unlimited
};

struct ConnectedAddresses {
    std::string client_address;
    std::uint16_t client_port = 0;
    std::string endpoint_address;
    std::uint16_t endpoint_port = 0;
};

class SessionAuthority {
  public:
    virtual ~SessionAuthority() = default;

    /// Errc::session_over when unknown or expired. A terminated session that has not expired is
    /// found.
    virtual Result<SessionRecord> lookup_session(const std::string& session_id) = 0;
    /// pending → active, binds the TOFU token; an error when the state or the version is another.
    virtual Status activate_session(const std::string& session_id, const Secret& tofu_token,
                                    std::uint32_t version) = 0;
    /// Spends one connection; an error when the limit is reached, or the session is not active or
    /// has expired.
    virtual Result<ConnectionGrant> authorize_connection(const std::string& session_id) = 0;
    virtual Status connect_connection(const std::string& connection_id,
                                      const ConnectedAddresses& addresses) = 0;
    /// Byte counts of live connections, reported every few seconds.
    virtual void report_bytes(const std::string& connection_id, std::uint64_t up,
                              std::uint64_t down) = 0;
    /// Also runs the termination test for the session at once.
    virtual void close_connection(const std::string& connection_id, std::uint64_t up,
                                  std::uint64_t down) = 0;
    virtual Status cancel_session(const std::string& session_id) = 0;
    /// The present status; terminated for sessions that do not exist any more.
    virtual SessionStatus session_status(const std::string& session_id) = 0;
};

} // namespace devserver
