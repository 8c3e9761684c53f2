#pragma once
// Logins and clusters, as they are shown.

#include "model/names.hpp"

#include <cstdint>
#include <string>

namespace agent::model {

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

enum class ClusterState : std::uint8_t { signed_out, signed_in };
template <>
inline constexpr auto names<ClusterState> = std::to_array<Name<ClusterState>>({
    {ClusterState::signed_out, "signed-out"},
    {ClusterState::signed_in, "signed-in"},
});
static_assert(complete(ClusterState::signed_in));

struct ClusterStatus {
    std::string name;
    std::string address;
    bool declared = false; ///< in config.toml
    bool current = false;
    ClusterState state = ClusterState::signed_out;
    std::string signed_in_as; ///< login name, else user id
    std::string user_id;
    std::string token_name;
    std::string expiration;
};

} // namespace agent::model
