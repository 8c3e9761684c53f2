#include "devserver/api/grants.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace devserver {
namespace {

using Actions = std::vector<std::string>;
using Level = Caller::Level;

const std::map<std::string, Actions, std::less<>> admin_actions = {
    {"target",
     {"no-op", "read", "update", "delete", "add-host-sources", "set-host-sources",
      "remove-host-sources", "add-credential-sources", "set-credential-sources",
      "remove-credential-sources", "authorize-session"}},
    {"session", {"no-op", "read", "read:self", "cancel", "cancel:self"}},
    {"auth-token", {"no-op", "read", "read:self", "delete", "delete:self"}},
    {"scope", {"no-op", "read", "update", "delete"}},
    {"auth-method", {"no-op", "read", "authenticate"}},
    {"account", {"no-op", "read", "update", "delete", "set-password", "change-password"}},
    {"user",
     {"no-op", "read", "update", "delete", "add-accounts", "set-accounts", "remove-accounts",
      "list-resolvable-aliases"}},
    {"group", {"no-op", "read"}},
    {"role", {"no-op", "read"}},
    {"worker", {"no-op", "read"}},
    {"alias", {"no-op", "read", "update", "delete"}},
    {"host-catalog", {"no-op", "read", "update", "delete"}},
    {"host-set", {"no-op", "read", "update", "delete", "add-hosts", "set-hosts", "remove-hosts"}},
    {"host", {"no-op", "read", "update", "delete"}},
    {"credential-store", {"no-op", "read", "update", "delete"}},
    {"credential", {"no-op", "read", "update", "delete"}},
};

const std::map<std::string, Actions, std::less<>> user_actions = {
    {"target", {"read", "authorize-session"}},
    {"scope", {"no-op", "read"}},
    {"auth-method", {"authenticate"}},
};
const std::map<std::string, Actions, std::less<>> own_actions = {
    {"session", {"read:self", "cancel:self"}},
    {"auth-token", {"read:self", "delete:self"}},
    {"account", {"read", "change-password"}},
};
const std::map<std::string, Actions, std::less<>> anonymous_actions = {
    {"scope", {"no-op"}},
    {"auth-method", {"authenticate"}},
};

constexpr std::array anonymous_lists = {std::string_view("scope"), std::string_view("auth-method")};
constexpr std::array user_lists = {std::string_view("scope"), std::string_view("auth-method"),
                                   std::string_view("auth-token"), std::string_view("session"),
                                   std::string_view("target")};

Actions lookup(const std::map<std::string, Actions, std::less<>>& table, const std::string& kind) {
    const auto found = table.find(kind);
    return found == table.end() ? Actions{} : found->second;
}

bool may_list(const Caller& caller, std::string_view kind) {
    if (caller.level == Level::admin) return true;
    if (caller.level == Level::user) return std::ranges::find(user_lists, kind) != user_lists.end();
    return std::ranges::find(anonymous_lists, kind) != anonymous_lists.end();
}

struct CollectionRow {
    const char* collection;
    const char* kind;
    bool create;
};

std::vector<CollectionRow> collections_below(const Resource& parent) {
    if (parent.kind == "host-catalog")
        return {{"host-sets", "host-set", true}, {"hosts", "host", true}};
    if (parent.kind == "credential-store") return {{"credentials", "credential", true}};
    if (parent.kind == "auth-method") return {{"accounts", "account", true}};
    if (parent.kind != "scope") return {};
    if (parent.type == "project")
        return {{"credential-stores", "credential-store", true},
                {"groups", "group", false},
                {"host-catalogs", "host-catalog", true},
                {"roles", "role", false},
                {"sessions", "session", false},
                {"targets", "target", true}};
    std::vector<CollectionRow> rows = {{"auth-methods", "auth-method", false},
                                       {"auth-tokens", "auth-token", false},
                                       {"groups", "group", false},
                                       {"roles", "role", false},
                                       {"scopes", "scope", true},
                                       {"users", "user", true}};
    if (parent.type == "global") {
        rows.insert(rows.begin(), {"aliases", "alias", true});
        rows.push_back({"workers", "worker", false});
    }
    return rows;
}

Refusal denied(const Caller& caller) {
    return caller.level == Level::anonymous ? unauthenticated() : forbidden();
}

} // namespace

std::vector<std::string> authorized_actions(const Caller& caller, const Resource& resource) {
    const auto& kind = resource.kind;
    if (caller.level == Level::anonymous) return lookup(anonymous_actions, kind);
    if (caller.level == Level::admin) {
        auto actions = lookup(admin_actions, kind);
        if (kind == "scope" && resource.type == "global") std::erase(actions, "delete");
        if (kind == "user" &&
            (resource.id == "u_anon" || resource.id == "u_auth" || resource.id == "u_recovery"))
            std::erase(actions, "delete");
        return actions;
    }
    auto actions = lookup(user_actions, kind);
    if (resource.owner_id == caller.user_id)
        for (auto& action : lookup(own_actions, kind)) actions.push_back(std::move(action));
    if (kind == "user" && resource.id == caller.user_id)
        actions.push_back("list-resolvable-aliases");
    return actions;
}

Json authorized_collection_actions(const Caller& caller, const Resource& parent) {
    Json map = Json::object();
    for (const auto& row : collections_below(parent)) {
        Actions actions;
        if (row.create && caller.level == Level::admin) actions.push_back("create");
        if (may_list(caller, row.kind)) actions.push_back("list");
        if (!actions.empty()) map[row.collection] = actions;
    }
    return map;
}

Refusal refuse_action(const Caller& caller, const Resource& resource, const std::string& action) {
    const auto actions = authorized_actions(caller, resource);
    const auto granted = [&](const std::string& name) {
        return std::ranges::find(actions, name) != actions.end();
    };
    if (granted(action) || granted(action + ":self")) return std::nullopt;
    // u_anon holds read:self and delete:self on auth tokens, so it is refused as somebody else, not
    // as nobody
    if (resource.kind == "auth-token") return forbidden();
    return denied(caller);
}

Refusal refuse_create(const Caller& caller) {
    return caller.level == Level::admin ? std::nullopt : denied(caller);
}

Refusal refuse_list(const Caller& caller, const std::string& kind, bool recursive) {
    if (may_list(caller, kind)) return std::nullopt;
    return recursive ? Refusal(forbidden()) : denied(caller);
}

bool lists_own_only(const Caller& caller, const std::string& kind) {
    return caller.level != Level::admin && (kind == "session" || kind == "auth-token");
}

void reduce_for_anonymous(Json& item) {
    static constexpr std::array shown = {std::string_view("id"),
                                         std::string_view("scope"),
                                         std::string_view("scope_id"),
                                         std::string_view("plugin_id"),
                                         std::string_view("plugin"),
                                         std::string_view("name"),
                                         std::string_view("description"),
                                         std::string_view("type"),
                                         std::string_view("is_primary"),
                                         std::string_view("primary_auth_method_id"),
                                         std::string_view("authorized_actions"),
                                         std::string_view("authorized_collection_actions")};
    Json reduced = Json::object();
    for (const auto& [key, value] : item.items())
        if (std::ranges::find(shown, std::string_view(key)) != shown.end()) reduced[key] = value;
    item = std::move(reduced);
}

} // namespace devserver
