#pragma once
// What a new dev server starts with: the resources `boundary dev` generates, then those a
// configuration file declares.

#include "devserver/config/dev_config.hpp"
#include "devserver/store/store.hpp"

#include <cstdint>
#include <string>

namespace devserver {

struct SeedOptions {
    std::string id_suffix = "1234567890";
    std::string secondary_id_suffix = "0987654321";
    std::string login_name = "admin";
    Secret password = Secret("password");
    std::string unprivileged_login_name = "user";
    Secret unprivileged_password = Secret("password");
    std::string host_address = "localhost";
    std::uint16_t target_default_port = 22;
    std::int32_t session_connection_limit = -1;
    std::int64_t session_max_seconds = 28800;
    std::string api_url = "http://127.0.0.1:9200"; ///< where an OIDC auth method says the API is
    bool oidc_auth_method = true;
    bool ldap_auth_method = true;
};

/// Fills an empty store, all or nothing. Throws DatabaseError when `config` declares an id that is
/// taken.
void seed(Store& store, const SeedOptions& options, const DevConfig& config);

} // namespace devserver
