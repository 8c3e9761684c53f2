#pragma once
// Session: one authorized session as its connections use it: its key, its gate, what it has left. A
// proxy has at most one current session; connections of earlier ones keep theirs alive until they
// end.

#include "base/secret.hpp"
#include "base/time.hpp"
#include "boundary/session_authorization.hpp"
#include "net/openssl.hpp"
#include "proxy/session_gate.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace agent::proxy {

/// What makes a session usable: whoever has both can use it, also after a crash of the process that
/// had them first.
struct SessionKeys {
    boundary::SessionAuthorization authorization;
    Secret tofu_token; ///< empty: a new one
};

class Session : public std::enable_shared_from_this<Session> {
  public:
    /// Errc::invalid_authorization when the token's key and certificate do not make a session.
    static Result<std::shared_ptr<Session>> create(boost::asio::any_io_executor executor,
                                                   SessionKeys keys, LinkLimits link,
                                                   GateLimits limits);

    SessionGate& gate() { return gate_; }
    /// Once the session has been used, worker connections are opened ahead of need by `tasks`,
    /// which keep it alive.
    void open_ahead_in(async::TaskGroup& tasks) { gate_.open_ahead_in(tasks, weak_from_this()); }
    const boundary::SessionAuthorization& authorization() const { return authorization_; }
    const std::string& id() const { return authorization_.session_id; }
    WallTime expiration() const { return expiration_; }
    /// Errc::session_over
    Status check_not_expired() const;

    /// As a HandshakeResult says; -1 is unlimited. Answers may overtake each other, so the smallest
    /// counts.
    void connections_left(std::int32_t left);
    /// nullopt: not known before the first connection.
    std::optional<std::int32_t> left() const { return left_; }

    /// Since when workers have refused connections with no success in between.
    std::optional<std::chrono::steady_clock::time_point> refused_since;

  private:
    Session(boost::asio::any_io_executor executor, SessionKeys keys,
            Owned<SSL_CTX, SSL_CTX_free> context, LinkLimits link, GateLimits limits);

    boundary::SessionAuthorization authorization_;
    Owned<SSL_CTX, SSL_CTX_free> tls_context_;
    WallTime expiration_;
    SessionGate gate_;
    std::optional<std::int32_t> left_;
};

} // namespace agent::proxy
