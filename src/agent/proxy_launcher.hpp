#pragma once
// How the agent starts agent-proxies and talks to them, as it needs it. agentd/launcher implements it with processes
// and sockets, the tests with objects.

#include "agent/proxy_status.hpp"
#include "async/token.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace agent::core {

/// What an agent-proxy is told once.
struct ProxySpec {
    std::string name;
    Secret authorization_token;
    std::string listen_address;
    std::int64_t listen_port = 0;
    std::chrono::milliseconds inactive_timeout{0};
    bool inactive_from_start = false; ///< else from the end of the first connection
    bool shared = false;
    std::string cluster;
    Json cluster_settings;
    std::string token_name;
    bool authorized_here = false;
};

struct ProxyChange {
    std::string kind; ///< of the events in ipc/org.agentd.Agent.varlink
    std::string message;
    ProxyStatus proxy;
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
    /// The present state first. An error means that the process has gone.
    virtual awaitable<Result<ProxyChange>> next_change() = 0;
    virtual awaitable<Result<ProxyStopped>> stop(std::string reason, bool cancel_session) = 0;
};

struct AdoptedProxy {
    std::unique_ptr<ProxyHandle> handle;
    ProxyStatus status;
    Json cluster_settings;
    std::string token_name;
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
