#pragma once
// The rows of state.db.

#include "model/proxy_settings.hpp"
#include "model/session_state.hpp"
#include "model/target.hpp"

#include <cstdint>
#include <string>

namespace agent::state {

/// A proxy that comes back. Its settings' listen_port is the one that was wished for.
struct ProxyRecord : model::TargetOptions, model::ProxySettings {
    std::string name;
    model::ProxySource source = model::ProxySource::kept;
    std::string cluster; ///< the controller's address
    std::string cluster_settings = "{}";
    std::string token_name = "default";
    std::int64_t port = 0; ///< the one that it has got; 0: none yet
    std::string stopped;   ///< the boot in which somebody disconnected it; empty: it should run
    std::string created;

    friend bool operator==(const ProxyRecord&, const ProxyRecord&) = default;
};

/// A session that this agent authorized and has to cancel when nobody holds it any more.
struct SessionRecord {
    std::string id; ///< "s_…"; before the controller has answered: "asked:…"
    std::string proxy;
    std::string cluster;
    std::string cluster_settings = "{}";
    std::string token_name = "default";
    std::string target_id;
    model::SessionHold state = model::SessionHold::held;
    std::string expiration;
    std::string created;
    std::string authorization; ///< its authorization token without the key

    friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
};

/// What a proxy has carried, over all its processes and sessions.
struct Counters {
    std::int64_t sessions = 0;
    std::int64_t connections = 0;
    std::int64_t failures = 0;
    std::int64_t bytes_up = 0;
    std::int64_t bytes_down = 0;

    friend bool operator==(const Counters&, const Counters&) = default;
};

struct EventRecord {
    std::string time;
    std::string kind;
    std::string proxy; ///< empty: about no proxy
    std::string message;

    friend bool operator==(const EventRecord&, const EventRecord&) = default;
};

struct ClusterRecord {
    std::string name;
    std::string settings = "{}"; ///< JSON, without secrets
    bool current = false;

    friend bool operator==(const ClusterRecord&, const ClusterRecord&) = default;
};

} // namespace agent::state
