#pragma once
// AgentConfig: what a person declares in config.toml, clusters and proxies. agentd loads it at its
// start and at every reload; nobody ever writes the file but its owner. README.md describes every
// key.

#include "base/result.hpp"
#include "model/proxy_settings.hpp"
#include "model/target.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::config {

/// Of clusters and proxies: up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or
/// digit.
bool valid_name(std::string_view name);
inline constexpr std::size_t longest_name = 64;

/// [cluster.NAME]
struct ClusterConfig {
    std::string name;
    std::string address; ///< http://, https:// or unix://
    std::string ca_cert; ///< paths are absolute here: "~/" has been replaced
    std::string ca_path;
    std::string client_cert;
    std::string client_key;
    std::string tls_server_name;
    bool tls_insecure = false;
    bool allow_foreign_listener = false;
    std::string auth_method; ///< id of the method to log in with; empty: the primary one of `scope`
    std::string scope;       ///< where to log in; empty: global
    bool is_default = false; ///< at most one; the only cluster of a file is it

    bool operator==(const ClusterConfig&) const = default;
};

using model::AfterCancel;

/// [proxy.NAME]
struct ProxyConfig : model::TargetOptions, model::ProxySettings {
    std::string name;
    std::string cluster; ///< name of one of the clusters, always set

    bool operator==(const ProxyConfig&) const = default;
};

/// [notifications]
struct NotificationConfig {
    bool enabled = true;

    bool operator==(const NotificationConfig&) const = default;
};

/// [keyring]
struct KeyringConfig {
    std::string type; ///< where logins are kept: a keyring's name; empty: nobody says

    bool operator==(const KeyringConfig&) const = default;
};

struct AgentConfig {
    std::vector<ClusterConfig> clusters; ///< by name
    std::vector<ProxyConfig> proxies;    ///< by name
    NotificationConfig notifications;
    KeyringConfig keyring;

    /// nullptr when there is none of that name; an empty name is the default one.
    const ClusterConfig* cluster(std::string_view name) const;
    bool operator==(const AgentConfig&) const = default;
};

/// Errc::invalid_argument, whose message has one line "FILE:LINE:COLUMN: what is wrong" for each
/// mistake; `name` stands for the file.
Result<AgentConfig> parse_agent_config(std::string_view text, std::string_view name);
/// Errc::environment when the file cannot be read, is another user's, or could be written by any
/// user.
Result<AgentConfig> load_agent_config(const std::string& path);
/// The same, and an AgentConfig that declares nothing when there is no such file.
Result<AgentConfig> load_agent_config_if_there(const std::string& path);

} // namespace agent::config
