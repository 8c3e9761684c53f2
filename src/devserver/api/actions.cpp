// Relations: accounts of users, members of groups, principals of roles, hosts of sets, host and
// credential sources of targets. Each is added to, replaced or removed from by an action that names
// the version it was based on.

#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/permissions.hpp"

#include <algorithm>

namespace devserver {
namespace {

enum class Change { add, set, remove };

struct Relation {
    const char* link;      ///< as the store keeps it
    const char* member;    ///< of the body: the ids
    const char* action;    ///< "add-", "set-" or "remove-" this
    std::string_view kind; ///< of what is related
    bool anywhere = false; ///< also from other scopes
};

constexpr Relation hosts{"host", "host_ids", "hosts", "host"};
constexpr Relation accounts{"account", "account_ids", "accounts", "account"};
constexpr Relation host_sources{"host-source", "host_source_ids", "host-sources", "host-set"};
constexpr Relation credential_sources{"credential-source", "brokered_credential_source_ids",
                                      "credential-sources", "credential"};

constexpr Relation members{"member", "member_ids", "members", "user", true};
constexpr std::string_view any_principal = "principal";
constexpr Relation role_principals{"principal", "principal_ids", "principals", any_principal, true};

bool fits(const Relation& relation, const Resource& other) {
    if (relation.kind != any_principal) return other.kind == relation.kind;
    return other.kind == "user" || other.kind == "group" || other.kind == "managed-group";
}

// Why `id` cannot be related to `from`; empty when it can.
std::string complaint(Call& call, const Resource& from, const Relation& relation,
                      const std::string& id) {
    const auto other = call.store.resources.find(id);
    if (!other || !fits(relation, *other)) return "\"" + id + "\" does not exist.";
    if (relation.anywhere && id == "u_recovery") return "u_recovery cannot be assigned here.";
    if (!relation.anywhere && other->scope_id != from.scope_id)
        return "\"" + id + "\" is in another scope.";
    if (relation.link == hosts.link && other->parent_id != from.parent_id)
        return "\"" + id + "\" is in another catalog.";
    return {};
}

void set_owner(Call& call, const Relation& relation, const std::string& account_id,
               const std::string& user_id) {
    if (relation.link != accounts.link) return;
    auto account = call.store.resources.find(account_id);
    account->owner_id = user_id;
    call.store.resources.update(*account);
}

Reply change(Call& call, const Resource& from, const Relation& relation, Change change) {
    const char* verb = change == Change::add ? "add-" : change == Change::set ? "set-" : "remove-";
    if (auto refusal = refuse_action(call, from, std::string(verb) + relation.action))
        return *refusal;
    if (auto refusal = refuse_version(call, from)) return *refusal;
    std::vector<std::string> ids;
    if (const Json* given = agent::find_member(call.body, relation.member)) {
        if (!given->is_array())
            return invalid_fields({{relation.member, "This field must be a list of ids."}});
        for (const auto& id : *given)
            ids.push_back(id.is_string() ? id.get<std::string>() : std::string());
    }
    if (ids.empty() && change != Change::set)
        return invalid_fields({{relation.member, "This field is required."}});
    auto& resources = call.store.resources;
    const auto present = resources.linked(from.id, relation.link);
    for (const auto& id : ids) {
        const bool linked = std::ranges::find(present, id) != present.end();
        std::string problem = change == Change::remove
                                  ? (linked ? "" : "\"" + id + "\" is not related.")
                                  : complaint(call, from, relation, id);
        if (problem.empty() && relation.link == accounts.link && change != Change::remove &&
            !linked && !resources.linked_from(id, relation.link).empty())
            problem = "\"" + id + "\" belongs to another user.";
        if (!problem.empty()) return invalid_fields({{relation.member, problem}});
    }
    if (relation.link == host_sources.link && change != Change::remove && !ids.empty() &&
        !agent::string_member(from.extra, "address").empty())
        return failed_precondition(
            "target.(Repository).AddTargetHostSources: error creating sets: db.DoTx: "
            "target.(Repository).AddTargetHostSources: unable to add host sources because a "
            "network "
            "address is directly assigned to the given target: integrity violation: error #409");

    Transaction transaction(call.store.database);
    const auto unlink = [&](const std::string& id) {
        resources.unlink(from.id, relation.link, id);
        set_owner(call, relation, id, "");
    };
    if (change == Change::remove) std::ranges::for_each(ids, unlink);
    if (change == Change::set)
        for (const auto& id : present)
            if (std::ranges::find(ids, id) == ids.end()) unlink(id);
    if (change != Change::remove)
        for (const auto& id : ids) {
            resources.link(from.id, relation.link, id);
            set_owner(call, relation, id, from.id);
        }
    resources.touch(from.id);
    transaction.commit();
    return {200, render(call, *resources.find(from.id), true)};
}

} // namespace

Reply add_accounts(Call& call, const Resource& user) {
    return change(call, user, accounts, Change::add);
}
Reply set_accounts(Call& call, const Resource& user) {
    return change(call, user, accounts, Change::set);
}
Reply remove_accounts(Call& call, const Resource& user) {
    return change(call, user, accounts, Change::remove);
}
Reply add_hosts(Call& call, const Resource& set) {
    return change(call, set, hosts, Change::add);
}
Reply set_hosts(Call& call, const Resource& set) {
    return change(call, set, hosts, Change::set);
}
Reply remove_hosts(Call& call, const Resource& set) {
    return change(call, set, hosts, Change::remove);
}
Reply add_host_sources(Call& call, const Resource& target) {
    return change(call, target, host_sources, Change::add);
}
Reply set_host_sources(Call& call, const Resource& target) {
    return change(call, target, host_sources, Change::set);
}
Reply remove_host_sources(Call& call, const Resource& target) {
    return change(call, target, host_sources, Change::remove);
}
Reply add_credential_sources(Call& call, const Resource& target) {
    return change(call, target, credential_sources, Change::add);
}
Reply set_credential_sources(Call& call, const Resource& target) {
    return change(call, target, credential_sources, Change::set);
}
Reply remove_credential_sources(Call& call, const Resource& target) {
    return change(call, target, credential_sources, Change::remove);
}
Reply add_members(Call& call, const Resource& group) {
    return change(call, group, members, Change::add);
}
Reply set_members(Call& call, const Resource& group) {
    return change(call, group, members, Change::set);
}
Reply remove_members(Call& call, const Resource& group) {
    return change(call, group, members, Change::remove);
}
Reply add_principals(Call& call, const Resource& role) {
    return change(call, role, role_principals, Change::add);
}
Reply set_principals(Call& call, const Resource& role) {
    return change(call, role, role_principals, Change::set);
}
Reply remove_principals(Call& call, const Resource& role) {
    return change(call, role, role_principals, Change::remove);
}

} // namespace devserver
