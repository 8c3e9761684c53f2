#include "devserver/api/caller.hpp"

#include <algorithm>

namespace devserver {
namespace {

// An administrator is a principal of a role that grants everything, directly or through a group.
bool is_admin(Store& store, const std::string& user_id) {
    auto roles = store.resources.linked_from(user_id, "principal");
    for (const auto& group : store.resources.linked_from(user_id, "member"))
        for (auto& role : store.resources.linked_from(group, "principal"))
            roles.push_back(std::move(role));
    return std::ranges::any_of(roles, [&](const std::string& id) {
        const auto role = store.resources.find(id);
        const Json* grants = role ? agent::find_member(role->extra, "grant_strings") : nullptr;
        return grants != nullptr &&
               std::ranges::find(*grants, Json("ids=*;type=*;actions=*")) != grants->end();
    });
}

} // namespace

Caller identify(Store& store, std::string_view authorization) {
    constexpr std::string_view bearer = "Bearer ";
    if (!authorization.starts_with(bearer)) return {};
    const auto token = store.authenticate(authorization.substr(bearer.size()));
    if (!token) return {};
    const auto level = is_admin(store, token->user_id) ? Caller::Level::admin : Caller::Level::user;
    return {level, token->user_id, token->id};
}

} // namespace devserver
