#include "devserver/api/kind_actions.hpp"

#include <algorithm>
#include <map>

namespace devserver {
namespace {

ActionList bits(std::initializer_list<std::string_view> names) {
    ActionList list;
    for (const auto name : names) list.push_back(find_action(name).value());
    return list;
}

const ActionList& plain() {
    static const ActionList list = bits({"no-op", "read", "update", "delete"});
    return list;
}

const std::map<std::string_view, ActionList>& by_kind() {
    static const std::map<std::string_view, ActionList> table = {
        {"target",
         bits({"no-op", "read", "update", "delete", "add-host-sources", "set-host-sources",
               "remove-host-sources", "add-credential-sources", "set-credential-sources",
               "remove-credential-sources", "authorize-session"})},
        {"session", bits({"no-op", "read", "read:self", "cancel", "cancel:self"})},
        {"auth-token", bits({"no-op", "read", "read:self", "delete", "delete:self"})},
        {"scope", bits({"no-op", "read", "update", "delete", "attach-storage-policy",
                        "detach-storage-policy"})},
        {"auth-method",
         bits({"no-op", "read", "update", "delete", "change-state", "authenticate"})},
        {"account", bits({"no-op", "read", "update", "delete", "set-password", "change-password"})},
        {"user", bits({"no-op", "read", "update", "delete", "add-accounts", "set-accounts",
                       "remove-accounts", "list-resolvable-aliases"})},
        {"group", bits({"no-op", "read", "update", "delete", "add-members", "set-members",
                        "remove-members"})},
        {"role", bits({"no-op", "read", "update", "delete", "add-principals", "set-principals",
                       "remove-principals", "add-grants", "set-grants", "remove-grants",
                       "add-grant-scopes", "set-grant-scopes", "remove-grant-scopes"})},
        {"worker", bits({"no-op", "read", "update", "delete", "add-worker-tags", "set-worker-tags",
                         "remove-worker-tags"})},
        {"host-set",
         bits({"no-op", "read", "update", "delete", "add-hosts", "set-hosts", "remove-hosts"})},
    };
    return table;
}

ActionList without(ActionList list, std::string_view name) {
    std::erase(list, find_action(name).value());
    return list;
}

} // namespace

const ActionList& actions_of(const Resource& resource) {
    static const auto& table = by_kind();
    static const auto global = without(table.at("scope"), "delete");
    static const auto auth_method = without(table.at("auth-method"), "change-state");
    if (resource.kind == "scope") {
        if (resource.type == "project") return plain();
        if (resource.type == "global") return global;
    }
    if (resource.kind == "auth-method" && resource.type != "oidc") return auth_method;
    if (resource.kind == "account" && resource.type != "password") return plain();
    const auto found = table.find(resource.kind);
    return found == table.end() ? plain() : found->second;
}

const std::vector<CollectionBelow>& collections_below(const Resource& parent) {
    using Rows = std::vector<CollectionBelow>;
    static const ActionList create_list = bits({"create", "list"});
    static const ActionList only_list = bits({"list"});
    static const ActionList key_actions = bits(
        {"list-keys", "rotate-keys", "list-key-version-destruction-jobs", "destroy-key-version"});
    static const ActionList scope_actions =
        bits({"create", "list", "list-keys", "rotate-keys", "list-key-version-destruction-jobs",
              "destroy-key-version"});
    static const Rows none;
    static const Rows of_catalog = {{"host-sets", "host-set", create_list},
                                    {"hosts", "host", create_list}};
    static const Rows of_store = {{"credentials", "credential", create_list}};
    static const Rows of_auth_method = {{"accounts", "account", create_list},
                                        {"managed-groups", "managed-group", create_list}};
    static const Rows of_project = {{"credential-stores", "credential-store", create_list},
                                    {"groups", "group", create_list},
                                    {"host-catalogs", "host-catalog", create_list},
                                    {"roles", "role", create_list},
                                    {"scopes", "scope", key_actions},
                                    {"sessions", "session", only_list},
                                    {"targets", "target", create_list}};
    // with what only the Enterprise edition serves: it is granted all the same
    static const Rows of_org = {{"auth-methods", "auth-method", create_list},
                                {"auth-tokens", "auth-token", only_list},
                                {"groups", "group", create_list},
                                {"policies", "policy", create_list},
                                {"roles", "role", create_list},
                                {"scopes", "scope", scope_actions},
                                {"session-recordings", "session-recording", only_list},
                                {"storage-buckets", "storage-bucket", create_list},
                                {"users", "user", create_list}};
    static const Rows of_global = [] {
        Rows rows = of_org;
        rows.insert(rows.begin(), {"aliases", "alias", create_list});
        rows.push_back(
            {"workers", "worker",
             bits({"create:controller-led", "create:worker-led", "list",
                   "read-certificate-authority", "reinitialize-certificate-authority"})});
        return rows;
    }();
    if (parent.kind == "host-catalog") return of_catalog;
    if (parent.kind == "credential-store") return of_store;
    if (parent.kind == "auth-method") return of_auth_method;
    if (parent.kind != "scope") return none;
    if (parent.type == "project") return of_project;
    return parent.type == "org" ? of_org : of_global;
}

} // namespace devserver
