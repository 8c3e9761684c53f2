#pragma once
// From nothing to a worker connection that carries bytes: reach a worker (dial, TLS, upgrade), then
// shake hands with it. Two steps, because only the second is part of a session's order
// (session_gate.hpp); the first may be done ahead.

#include "base/result.hpp"
#include "boundary/close_reason.hpp"
#include "boundary/handshake.hpp"
#include "boundary/session_authorization.hpp"
#include "net/openssl.hpp"
#include "proxy/first_bytes.hpp"
#include "proxy/websocket_stream.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace agent::proxy {

struct LinkLimits {
    std::chrono::milliseconds dial{10'000};
    std::chrono::milliseconds tls{10'000};
    std::chrono::milliseconds upgrade{10'000};
    std::chrono::milliseconds handshake{
        90'000}; ///< the worker asks its controller, up to 90 s each time
    /// Workers lose the first byte of a handshake that comes too soon behind their 101.
    std::chrono::milliseconds before_handshake{1};
    /// Before bytes are relayed: what is sent and not acknowledged for so long ends the connection
    /// (TCP_USER_TIMEOUT).
    std::chrono::milliseconds unacknowledged{20'000};
    std::chrono::milliseconds warm_unacknowledged{
        3'000}; ///< the same for a handshake on one opened ahead
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
    std::chrono::steady_clock::time_point upgraded; ///< when its 101 came
};

/// Why no worker was reached. `again`: the way to one broke, or this machine had no file left:
/// nothing was refused.
struct NotReached {
    bool again = false;
};

/// Tries the token's workers in order until one is through. The error of the last one, or, where
/// one refused, of that one.
awaitable<Result<ReachedWorker>> reach_worker(WorkerAccess access, NotReached& why);

/// 0: as long as the kernel tries by itself, about a quarter of an hour.
void limit_unacknowledged(WebSocketStream& stream, std::chrono::milliseconds limit);

struct Handshake {
    boundary::CloseMeaning meaning = boundary::CloseMeaning::refused; ///< normal_end: it worked
    boundary::HandshakeResult result;
    Error error; ///< unless it worked
    bool worked() const { return meaning == boundary::CloseMeaning::normal_end; }
};

/// Sends `handshake` and waits for the HandshakeResult or for the close that says why not. A
/// transport that breaks before the result is CloseMeaning::retry: nothing reached the endpoint.
/// `first`: what the client has sent follows the handshake at once, and what it sends meanwhile
/// too.
awaitable<Handshake> shake_hands(WorkerAccess access, ReachedWorker& worker,
                                 boundary::ClientHandshake handshake, FirstBytes* first = nullptr);

/// Ends the session through a worker, whatever state it is in (SESSION_CANCEL).
awaitable<Status> cancel_session(WorkerAccess access, Secret tofu_token, bool& again);

} // namespace agent::proxy
