#pragma once
// DevConfig: what `agentctl dev -config FILE` declares beyond the built-in resources. The dev
// server's main loads it once and its store creates what it lists. References are already resolved
// to indexes.

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devserver {

using agent::Json;
using agent::Result;
using agent::Secret;

/// Members every declared resource has. An empty id: the store makes one up.
struct DevResource {
    std::string name; ///< unique within its kind; other entries refer to it by name or id
    std::string id;
    std::string description;
};

struct DevOrg : DevResource {};

struct DevProject : DevResource {
    std::optional<std::size_t> org; ///< index in orgs; nullopt: the generated org
};

enum class DevRole : std::uint8_t { user, admin };

struct DevUser {
    std::string login_name;
    Secret password;
    std::string name; ///< the login name when left out
    DevRole role = DevRole::user;
};

struct DevHostCatalog : DevResource {
    std::optional<std::size_t> project; ///< index in projects; nullopt: the generated project
};

struct DevHost : DevResource {
    std::size_t catalog = 0;
    std::string address;
};

struct DevHostSet : DevResource {
    std::size_t catalog = 0;
    std::vector<std::size_t> hosts; ///< all of the same catalog
};

struct DevCredentialStore : DevResource {
    std::optional<std::size_t> project;
};

enum class DevCredentialType : std::uint8_t { username_password, password, ssh_private_key, json };

struct DevCredential : DevResource {
    std::size_t store = 0;
    DevCredentialType type = DevCredentialType::username_password;
    std::string username;
    Secret password;
    Secret private_key;
    Secret private_key_passphrase;
    Secret object; ///< type json: the object as JSON text
};

struct DevTarget : DevResource {
    std::optional<std::size_t> project;
    std::string address;                   ///< this or host_sources, never both
    std::vector<std::size_t> host_sources; ///< indexes in host_sets, of the same project
    std::uint16_t default_port = 0;
    std::optional<std::uint16_t> default_client_port;
    std::int64_t session_max_seconds = 28800;
    std::int32_t session_connection_limit = -1;
    std::vector<std::size_t> brokered_credentials; ///< indexes in credentials, of the same project
};

struct DevAlias {
    std::string value; ///< lower case, as Boundary keeps it
    std::string name;
    std::string id;
    std::optional<std::size_t> target;
    std::optional<std::size_t> host; ///< only with a target
};

struct DevConfig {
    std::vector<DevOrg> orgs;
    std::vector<DevProject> projects;
    std::vector<DevUser> users;
    std::vector<DevHostCatalog> host_catalogs;
    std::vector<DevHost> hosts;
    std::vector<DevHostSet> host_sets;
    std::vector<DevCredentialStore> credential_stores;
    std::vector<DevCredential> credentials;
    std::vector<DevTarget> targets;
    std::vector<DevAlias> aliases;
};

/// Errc::invalid_argument naming file, line and column for anything that is not exactly right;
/// Errc::environment when the file cannot be read.
Result<DevConfig> load_config(const std::filesystem::path& path);
/// The same for text; `name` stands for the file in messages.
Result<DevConfig> parse_config(std::string_view text, std::string_view name);

} // namespace devserver
