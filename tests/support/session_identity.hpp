#pragma once
// What a controller makes for a session: an Ed25519 key and a self-signed certificate that names
// the session.

#include <string>

namespace agent::test {

struct SessionIdentity {
    std::string certificate; ///< X.509 DER
    std::string private_key; ///< 64 bytes: seed, then public key
};

SessionIdentity make_session_identity(const std::string& session_id);

} // namespace agent::test
