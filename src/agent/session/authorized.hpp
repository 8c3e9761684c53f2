#pragma once
// Authorized: a session as a controller granted it, on its way to a proxy.

#include "agent/session/session_vault.hpp"
#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace agent::core {

struct Authorized {
    Secret token; ///< for the worker
    Secret tofu_token;
    std::optional<WallTime> expiration;
    std::string target_id;
    std::string session_id;
    std::vector<Json> credentials;
    std::string wished_name;
};

inline SessionSecrets secrets_in(const Authorized& session) {
    SessionSecrets secrets;
    secrets.authorization_token = session.token;
    secrets.tofu_token = session.tofu_token;
    return secrets;
}

} // namespace agent::core
