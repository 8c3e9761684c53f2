#pragma once
// What callers of the agent say and get, one pair for each use case. agentd/commands translates
// them from and to the messages of ipc.

#include "agent/proxy_status.hpp"
#include "async/token.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"
#include "controller/cluster_settings.hpp"
#include "model/explanation.hpp"
#include "model/login.hpp"
#include "model/proxy_settings.hpp"
#include "model/target.hpp"

#include <nlohmann/json.hpp>

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
    bool supported = false; ///< by authenticate
};

struct LoggedOut {
    int status = 0;
    bool found = false;
    std::vector<std::string> sessions; ///< "s_… of proxy pg": what ends with the login
};

struct ListOptions {
    std::string resource;
    std::string scope_id;
    std::string parent_id;
    bool recursive = false;
    std::string filter;
    bool include_terminated = false;
    std::int64_t page_size = 0;
};

using TargetOptions = model::TargetOptions;

struct ConnectOptions : model::ProxySettings { // eager and after_cancel: with persistent
    TargetOptions target;
    Secret authorization_token; ///< instead of a target
    std::string name;
    bool reuse = false;      ///< a running proxy that leads there will do
    bool persistent = false; ///< remember it
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

using model::ClusterState;
using model::ClusterStatus;
using model::Explanation;
using model::LoginStatus;

struct AgentStatus {
    std::string keyring;
    std::vector<LoginStatus> logins;
    std::string memory_problem; ///< why nothing is remembered; empty: all is well
    std::int64_t proxies = 0;
    std::int64_t connections_open = 0;
};

} // namespace agent::core
