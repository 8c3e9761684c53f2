#pragma once
// What callers of the agent say and get, one pair for each use case. agentd/commands translates
// them from and to the messages of ipc.

#include "agent/proxy_status.hpp"
#include "async/token.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"
#include "controller/cluster_settings.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace agent::core {

/// Which controller, and as whom.
struct ClusterChoice {
    controller::ClusterSettings settings;
    std::string cluster_name;    ///< empty: the address has no name
    bool named = false;          ///< the caller named it or its address; else it is the current one
    std::optional<Secret> token; ///< instead of the stored login; never stored
    std::string token_name = "default";
    bool use_stored_login = true; ///< false: token_name "none"
    std::string keyring;          ///< where a new login is kept; empty: the agent chooses
    std::string auth_method;      ///< to log in with; empty: the primary one of `scope`
    std::string scope;            ///< empty: global
};

/// The controller's object as it sent it.
struct ItemReply {
    int status = 0;
    Json item;
};

struct Credentials {
    std::string auth_method_id; ///< empty: the primary one of scope_id
    std::string scope_id;       ///< empty: global
    std::string login_name;
    Secret password;
    bool store = false;
};
struct Authenticated {
    ItemReply reply;
    bool stored = false;
    std::string keyring; ///< where it is stored
    std::string warning; ///< why not where it should be
};

/// How one logs in to a cluster.
struct LoginMethod {
    std::string id;
    std::string type; ///< "password", "ldap", "oidc" …
    std::string name;
    std::string scope_id;
    bool supported = false; ///< by Agent::authenticate
};

struct LoggedOut {
    int status = 0;
    bool found = false;
    std::vector<std::string> sessions; ///< "s_… of proxy pg": what ends with the login
};

struct ListWords {
    std::string resource;
    std::string scope_id;
    std::string parent_id;
    bool recursive = false;
    std::string filter;
    bool include_terminated = false;
    std::int64_t page_size = 0;
};

/// An id or an alias; or a name with a scope.
struct TargetWords {
    std::string target;
    std::string target_name;
    std::string scope_id;
    std::string scope_name;
    std::string host_id;
};

struct ConnectWords {
    TargetWords target;
    Secret authorization_token; ///< instead of a target
    std::string name;
    std::string listen_address; ///< "none": only the Unix socket
    std::int64_t listen_port = 0;
    std::chrono::milliseconds inactive_timeout{0};
    bool shared = false;  ///< other users of this machine may use the TCP port
    bool no_warm = false; ///< open no worker connection before it is needed
    std::optional<std::chrono::milliseconds>
        keep_alive;           ///< silence before a ping to the worker; 0: never
    bool reuse = false;       ///< a running proxy that leads there will do
    bool keep = false;        ///< remember it: persistent
    bool eager = false;       ///< with keep
    bool reauthorize = false; ///< with keep: also after an administrator canceled its session
    bool inactive_from_start = false; ///< count inactivity from the start: nobody may ever come
};
struct Connected {
    ProxyStatus proxy;
    std::vector<Json> credentials; ///< brokered ones, only from authorize-session
};
/// Told "authorizing" and "starting". An error means that the caller has gone: nothing further is
/// begun.
class ConnectObserver {
  public:
    virtual ~ConnectObserver() = default;
    virtual awaitable<Status> progress(std::string step) = 0;
};

struct Disconnected {
    ProxyStatus proxy;
    bool session_canceled = false;
    bool killed = false; ///< it did not answer
};

/// What stands between a proxy and its target.
struct Explanation {
    std::string name;
    std::string state;
    std::string since;
    std::string hop; ///< as in errors; empty: nothing stands in the way
    std::string explanation;
    std::string next_step;
    struct Happening {
        std::string time;
        std::string kind;
        std::string message;
    };
    std::vector<Happening> history; ///< newest last
};

struct LoginStatus {
    std::string cluster;
    std::string token_name;
    std::string token_id;
    std::string user_id;
    std::string auth_method_id;
    std::string expiration;
    std::string keyring;      ///< where it is kept
    std::string cluster_name; ///< empty: the address has no name
};
struct ClusterStatus {
    std::string name;
    std::string address;
    bool declared = false; ///< in config.toml
    bool current = false;
    std::string state = "signed-out"; ///< or "signed-in"
    std::string signed_in_as;         ///< login name, else user id
    std::string user_id;
    std::string token_name;
    std::string expiration;
};
struct AgentStatus {
    std::string keyring;
    std::vector<LoginStatus> logins;
    std::string memory_problem; ///< why nothing is remembered; empty: all is well
    std::int64_t proxies = 0;
    std::int64_t connections_open = 0;
};

} // namespace agent::core
