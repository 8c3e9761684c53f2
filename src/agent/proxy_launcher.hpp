#pragma once
// How the agent starts agent-proxies and talks to them, as it needs it. agentd/launcher implements
// it with processes and sockets, the tests with objects.

#include "agent/proxy_status.hpp"
#include "async/token.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"
#include "model/proxy_settings.hpp"
#include "net/listening_sockets.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agent::core {

/// Of org.agentd.Proxy: agent-proxies of 1 have no Renew and Hold, and end with their session;
/// those of 2 share no listeners.
inline constexpr std::int64_t current_protocol = 3;

/// What an agent-proxy is told once.
struct ProxySpec : model::ProxySettings {
    std::string name;
    Secret authorization_token;
    std::string cluster;
    Json cluster_settings;
    std::string token_name;
    bool authorized_here = false;
    Secret tofu_token;
    std::string target;
    bool persistent = false;
    bool wait_for_port = false; ///< somebody else's port: blocked until it is free, not an error
    std::shared_ptr<const net::ListeningSockets>
        listeners; ///< of a process before it, which it goes on with
};

struct ProxyChange {
    EventKind kind = EventKind::other;
    std::string message;
    ReasonCode reason_code = ReasonCode::none; ///< of the session's or the proxy's end
    ProxyStatus proxy;
    std::string session_id; ///< that it is about; empty: not known
    bool last = false;
};

struct ProxyStopped {
    ProxyStatus proxy;
    bool session_canceled = false;
};

/// One running agent-proxy. Destroying the handle lets go of it; the process lives on.
class ProxyHandle {
  public:
    virtual ~ProxyHandle() = default;
    virtual awaitable<Result<ProxyStatus>> serve(ProxySpec spec) = 0;
    /// The present state first. After an error the next call subscribes again; when that fails as
    /// well the process has gone.
    virtual awaitable<Result<ProxyChange>> next_change() = 0;
    /// A session for a persistent proxy.
    virtual awaitable<Result<ProxyStatus>> renew(Secret authorization_token, Secret tofu_token) = 0;
    /// What a persistent proxy waits for.
    virtual awaitable<Result<ProxyStatus>> hold(Wait wait, Reason reason, bool session_over) = 0;
    virtual awaitable<Result<ProxyStopped>> stop(Reason reason, bool cancel_session) = 0;
    /// Ends the process for one that follows: its listening sockets stay open where they are
    /// shared.
    virtual awaitable<Result<ProxyStopped>> hand_over(Reason reason) = 0;
    virtual awaitable<Result<net::ListeningSockets>> share_listeners() = 0;
    /// The network changed or the machine slept: it looks after its connections now.
    virtual awaitable<Status> check(std::string reason) = 0;
    /// Errc::timed_out: it did not answer within `limit`. Whatever else it says, it answers, or has
    /// gone.
    virtual awaitable<Status> ping(std::chrono::milliseconds limit) = 0;
    /// Returns when the process has gone: by itself within `patience`, else killed, which is what
    /// true means. An error: it may run on.
    virtual awaitable<Result<bool>> kill(std::chrono::milliseconds patience) = 0;
};

struct AdoptedProxy : model::ProxySettings {
    std::unique_ptr<ProxyHandle> handle;
    ProxyStatus status;
    Json cluster_settings;
    std::string token_name;
    std::int64_t protocol_version = 0;
    std::string version;
    bool says_warm = false; ///< false: it is too old to say warm and keep_alive
};

class ProxyLauncher {
  public:
    virtual ~ProxyLauncher() = default;
    /// A new agent-proxy that waits for serve(). Errc::proxy_failed says why there is none.
    virtual awaitable<Result<std::unique_ptr<ProxyHandle>>> launch() = 0;
    /// Those that an earlier agentd left running.
    virtual awaitable<std::vector<AdoptedProxy>> adopt() = 0;
};

} // namespace agent::core
