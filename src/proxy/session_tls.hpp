#pragma once
// The client's TLS settings of one session: worker and client show the same certificate and prove
// the same key, both from the authorization token. Made once for each session, used by all its
// worker connections.

#include "base/result.hpp"
#include "base/time.hpp"
#include "boundary/session_authorization.hpp"
#include "net/openssl.hpp"

#include <string>

namespace agent::proxy {

/// TLS 1.3 only; ALPN "http/1.1" and the session's id; the peer's certificate must be ours, byte
/// for byte. Names and validity are not checked: identity is the whole proof, and a client clock
/// that is behind must not matter.
Result<Owned<SSL_CTX, SSL_CTX_free>>
make_session_context(const boundary::SessionAuthorization& authorization);

/// The token's expiration, else its certificate's NotAfter.
WallTime session_expiration(const boundary::SessionAuthorization& authorization);

} // namespace agent::proxy
