#pragma once
// What a controller makes for a session: an Ed25519 key and a self-signed certificate that names
// the session.

#include "net/openssl.hpp"

#include <string>

namespace agent::test {

struct SessionIdentity {
    std::string certificate; ///< X.509 DER
    std::string private_key; ///< 64 bytes: seed, then public key
};

SessionIdentity make_session_identity(const std::string& session_id);

/// TLS 1.3 for either end, with that identity; nullptr: without one.
Owned<SSL_CTX, SSL_CTX_free> make_tls_context(const SessionIdentity* identity);

} // namespace agent::test
