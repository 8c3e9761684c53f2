#pragma once
// From nothing to a worker connection that carries bytes: reach a worker (dial, TLS, upgrade), then shake hands with
// it. Two steps, because only the second is part of a session's order (session_gate.hpp); the first may be done ahead.

#include "base/result.hpp"
#include "boundary/close_reason.hpp"
#include "boundary/handshake.hpp"
#include "boundary/session_authorization.hpp"
#include "net/openssl.hpp"
#include "proxy/websocket_stream.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace agent::proxy {

struct LinkLimits {
    std::chrono::milliseconds dial{10'000};
    std::chrono::milliseconds tls{10'000};
    std::chrono::milliseconds upgrade{10'000};
    std::chrono::milliseconds handshake{90'000}; ///< the worker asks its controller, up to 90 s each time
    /// Workers lose the first byte of a handshake that comes too soon behind their 101.
    std::chrono::milliseconds before_handshake{1};
};

/// What a worker connection needs to know; lives as long as the proxy.
struct WorkerAccess {
    const boundary::SessionAuthorization& authorization;
    SSL_CTX* context;
    LinkLimits limits;
};

/// Upgraded, with no handshake sent: costs nothing of the session's limit.
struct ReachedWorker {
    std::unique_ptr<WebSocketStream> stream;
    std::string address;
};

/// Tries the token's workers in order until one is through. The error of the last one, or, where one refused, of that
/// one.
awaitable<Result<ReachedWorker>> reach_worker(WorkerAccess access);

struct Handshake {
    boundary::CloseMeaning meaning = boundary::CloseMeaning::refused; ///< normal_end: it worked
    boundary::HandshakeResult result;
    Error error; ///< unless it worked
    bool worked() const { return meaning == boundary::CloseMeaning::normal_end; }
};

/// Sends `handshake` and waits for the HandshakeResult or for the close that says why not. A transport that breaks
/// before the result is CloseMeaning::retry: nothing reached the endpoint.
awaitable<Handshake> shake_hands(WorkerAccess access, ReachedWorker& worker, boundary::ClientHandshake handshake);

/// Ends the session through a worker, whatever state it is in (SESSION_CANCEL).
awaitable<Status> cancel_session(WorkerAccess access, Secret tofu_token);

} // namespace agent::proxy
