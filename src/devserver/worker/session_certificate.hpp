#pragma once
// The certificate of a session: client and worker both present it, and it travels inside the
// authorization token. The store makes one per authorize-session.

#include "base/secret.hpp"
#include "base/time.hpp"

#include <string>
#include <vector>

namespace devserver {

struct SessionCertificate {
    std::string certificate_der;
    agent::Secret private_key; ///< 64 bytes: Ed25519 seed, then public key
};

/// Self-signed, valid from a minute before `now` until `expiration` (cut to the second).
/// `worker_hosts` are names or IP addresses without ports. Throws std::runtime_error when OpenSSL
/// fails.
SessionCertificate make_session_certificate(const std::string& session_id,
                                            const std::vector<std::string>& worker_hosts,
                                            agent::WallTime now, agent::WallTime expiration);

} // namespace devserver
