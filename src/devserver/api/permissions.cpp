#include "devserver/api/permissions.hpp"

#include "devserver/api/kind_actions.hpp"

#include <algorithm>

namespace devserver {
namespace {

// Of the scope an item is in; looked up once per request.
const std::string& parent_scope(Call& call, const std::string& scope_id) {
    const auto [at, added] = call.parent_scopes.try_emplace(scope_id);
    if (added && scope_id != "global")
        if (const auto scope = call.store.resources.find(scope_id)) at->second = scope->scope_id;
    return at->second;
}

const std::string& scope_of(const Resource& resource) {
    static const std::string global = "global";
    return resource.scope_id.empty() ? global : resource.scope_id; // global is in itself
}

Asked asked_of(Call& call, const Resource& resource) {
    const auto& scope = scope_of(resource);
    return {scope, parent_scope(call, scope), resource.kind, resource.id, resource.parent_id};
}

Asked asked_in(Call& call, const std::string& scope_id, std::string_view kind,
               const std::string& parent_id) {
    return {scope_id, parent_scope(call, scope_id), kind, {}, parent_id};
}

ActionSet bit(std::string_view action) {
    ActionSet set;
    if (const auto found = find_action(action)) set.set(*found);
    return set;
}

/// What ":self" actions say of somebody else's resource: nothing, unless the whole action is there.
ActionSet less_self(Call& call, const Resource& resource, ActionSet allowed) {
    static const auto self = action_set({"read:self", "cancel:self", "delete:self"});
    static const auto whole = action_set({"read", "cancel", "delete"});
    if (resource.owner_id == call.caller.user_id || (allowed & self).none()) return allowed;
    return (allowed & ~self) | (with_subactions(allowed & whole) & allowed);
}

ActionSet allowed_on(Call& call, const Resource& resource) {
    return less_self(call, resource, call.caller.acl.allowed(asked_of(call, resource)));
}

Refusal denied(const Call& call) {
    return call.caller.anonymous() ? unauthenticated() : forbidden();
}

std::vector<std::string> names_in(const ActionSet& allowed, const ActionList& known) {
    std::vector<std::string> names;
    for (const auto action : known)
        if (allowed.test(action)) names.emplace_back(action_name(action));
    return names;
}

} // namespace

std::vector<std::string> authorized_actions(Call& call, const Resource& resource) {
    return names_in(allowed_on(call, resource), actions_of(resource));
}

Json authorized_collection_actions(Call& call, const Resource& parent) {
    Json map = Json::object();
    const bool is_scope = parent.kind == "scope";
    const auto& scope = is_scope ? parent.id : parent.scope_id;
    const std::string none; // Asked only looks at it
    const std::string& parent_id = is_scope ? none : parent.id;
    for (const auto& row : collections_below(parent)) {
        const auto asked = asked_in(call, scope, row.kind, parent_id);
        auto actions = names_in(call.caller.acl.allowed(asked), row.actions);
        if (!actions.empty()) map[std::string(row.path)] = std::move(actions);
    }
    return map;
}

Refusal refuse_action(Call& call, const Resource& resource, std::string_view action) {
    const auto wanted = bit(action) | bit(std::string(action) + ":self");
    if ((allowed_on(call, resource) & wanted).any()) return std::nullopt;
    // who may once logged in is refused as somebody else, not as nobody: the default roles let
    // everybody read "their own" auth token
    if (call.caller.anonymous() &&
        (call.caller.acl.allowed_if_known(asked_of(call, resource)) & wanted).any() &&
        resource.kind == "auth-token")
        return forbidden();
    return denied(call);
}

Refusal refuse_in_scope(Call& call, const std::string& scope_id, std::string_view kind,
                        std::string_view action, const std::string& parent_id) {
    const auto asked = asked_in(call, scope_id, kind, parent_id);
    if ((call.caller.acl.allowed(asked) & bit(action)).any()) return std::nullopt;
    return denied(call);
}

Refusal keep_listable(Call& call, std::string_view kind, std::vector<std::string>& scopes) {
    std::erase_if(scopes, [&](const std::string& scope) {
        return refuse_in_scope(call, scope, kind, "list").has_value();
    });
    return scopes.empty() ? Refusal(forbidden()) : std::nullopt;
}

bool lists_own_only(Call& call, std::string_view kind, const std::vector<std::string>& scopes) {
    static const auto whole = action_set({"no-op", "read", "cancel", "delete"});
    if (kind != "session" && kind != "auth-token") return false;
    return std::ranges::all_of(scopes, [&](const std::string& scope) {
        return !call.caller.acl.reaches_any(asked_in(call, scope, kind, {}), whole);
    });
}

void reduce_to_output_fields(Call& call, const Resource& resource, Json& item) {
    const auto& caller = call.caller;
    if (!caller.anonymous() && !caller.acl.names_fields()) return;
    const auto fields =
        caller.acl.output_fields(asked_of(call, resource), with_subactions(bit(call.action)));
    if (fields.all()) return;
    Json reduced = Json::object();
    for (const auto& [key, value] : item.items())
        if (fields.has(key)) reduced[key] = value;
    item = std::move(reduced);
}

} // namespace devserver
