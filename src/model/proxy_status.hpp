#pragma once
// What is known of one proxy: what its agent-proxy reported last. The members are those of the type
// Proxy in ipc/org.agentd.Agent.varlink, where they are explained.

#include "model/failure.hpp"
#include "model/proxy_state.hpp"
#include "model/reason.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agent::model {

struct ProxyStatus {
    std::string name;
    ProxyState state = ProxyState::starting;
    std::string reason;
    ReasonCode reason_code = ReasonCode::none;
    std::string since;
    std::string address;
    std::int64_t port = 0;
    std::string socket_path;
    std::int64_t pid = 0;
    std::string cluster;
    std::string session_id;
    std::string target_id;
    std::string host_id;
    std::string endpoint;
    std::string protocol;
    std::string expiration;
    std::int64_t connection_limit = 0;
    std::optional<std::int64_t> connections_left;
    std::int64_t connections_open = 0;
    std::int64_t connections_total = 0;
    std::int64_t connections_failed = 0;
    ConnectionFailure last_failure;
    bool failing = false; ///< no connection has worked since last_failure
    std::int64_t bytes_up = 0;
    std::int64_t bytes_down = 0;
    bool authorized_here = false;
    std::string target;
    bool persistent = false;
    bool shared = false;
    bool eager = false;
    std::int64_t clients_waiting = 0;
    std::vector<ClientFailure> client_failures;

    void set_reason(Reason why) {
        reason = std::move(why.text);
        reason_code = why.code;
    }
};

} // namespace agent::model
