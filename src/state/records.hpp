#pragma once
// The rows of state.db. Plain words: src/agent turns them into its own types.

#include <cstdint>
#include <string>

namespace agent::state {

/// A proxy that comes back: declared in config.toml, kept with `connect -keep`, or transient: while
/// its session lives.
struct ProxyRecord {
    std::string name;
    std::string source = "kept"; ///< "config", "kept" or "transient"
    std::string cluster;         ///< the controller's address
    std::string cluster_settings = "{}";
    std::string token_name = "default";
    std::string target; ///< id or alias; or target_name with a scope
    std::string target_name;
    std::string scope_id;
    std::string scope_name;
    std::string host_id;
    std::string listen_address = "127.0.0.1";
    std::int64_t wished_port = 0; ///< 0: none in particular
    std::int64_t port = 0;        ///< the one that it has got; 0: none yet
    bool shared = false;
    bool eager = false;
    std::string after_cancel = "ask"; ///< or "reauthorize"
    std::int64_t inactive_timeout_ms = 0;
    bool inactive_from_start =
        false;        ///< counted from the start, not from the end of the first connection
    bool warm = true; ///< worker connections are opened ahead of need
    std::int64_t keep_alive_ms =
        -1;              ///< silence before a ping to the worker; -1: as usual, 0: never
    std::string stopped; ///< the boot in which somebody disconnected it; empty: it should run
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
    std::string state =
        "held"; ///< "asked", "held", "canceling"; "lent": a caller's, and not ours to cancel
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
