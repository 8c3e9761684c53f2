// The keys of a scope. They encrypt nothing here: who tries rotation and destruction sees what the
// reference would show.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"

namespace devserver {
namespace {

Reply bad_scope(const char* field, const char* what) {
    return invalid_fields({{field, std::string("Must be 'global', a valid org scope id or a valid "
                                               "project scope id when ") +
                                       what + "."}});
}

/// The scope a body names.
Refusal find_scope(Call& call, const char* what, std::optional<Resource>& scope) {
    const auto id = agent::string_member(call.body, "scope_id");
    if (id != "global" && !id.starts_with("o_") && !id.starts_with("p_"))
        return bad_scope("scope_id", what);
    scope = call.store.resources.find(id);
    if (!scope || scope->kind != "scope") return not_found();
    return std::nullopt;
}

} // namespace

Reply list_scope_keys(Call& call, const Resource& scope) {
    if (auto refusal = refuse_in_scope(call, scope.id, "scope", "list-keys")) return *refusal;
    Json reply = Json::object();
    for (const auto& key : call.store.scope_keys.of(scope)) {
        Json one;
        one["id"] = key.id;
        one["scope"] = scope_object(call, scope.id);
        one["purpose"] = key.purpose;
        one["created_time"] = agent::format_rfc3339(key.versions.back().created);
        one["type"] = key.type;
        Json& versions = one["versions"] = Json::array();
        for (const auto& version : key.versions) {
            Json shown;
            shown["id"] = version.id;
            shown["version"] = version.number;
            shown["created_time"] = agent::format_rfc3339(version.created);
            versions.push_back(std::move(shown));
        }
        reply["items"].push_back(std::move(one));
    }
    return {200, std::move(reply)};
}

Reply rotate_scope_keys(Call& call) {
    std::optional<Resource> scope;
    if (auto refusal = find_scope(call, "rotating keys", scope)) return *refusal;
    if (auto refusal = refuse_in_scope(call, scope->id, "scope", "rotate-keys")) return *refusal;
    call.store.scope_keys.rotate(*scope);
    return {200, Json::object()};
}

Reply list_key_destruction_jobs(Call& call, const Resource& scope) {
    if (auto refusal =
            refuse_in_scope(call, scope.id, "scope", "list-key-version-destruction-jobs"))
        return *refusal;
    return {200, Json::object()}; // nothing is encrypted anew, so every job is done at once
}

Reply destroy_scope_key_version(Call& call) {
    std::optional<Resource> scope;
    if (auto refusal = find_scope(call, "destroying a key version", scope)) return *refusal;
    const auto id = agent::string_member(call.body, "key_version_id");
    if (!id.starts_with("krkv_") && !id.starts_with("kdkv_"))
        return invalid_fields({{"key_version_id", "Must be a valid KEK or DEK version ID."}});
    if (auto refusal = refuse_in_scope(call, scope->id, "scope", "destroy-key-version"))
        return *refusal;
    switch (call.store.scope_keys.destroy(*scope, id)) {
    case ScopeKeys::Destroyed::unknown:
        return not_found();
    case ScopeKeys::Destroyed::in_use:
        return failed_precondition("The newest version of a key is in use: rotate first.");
    case ScopeKeys::Destroyed::now:
        break;
    }
    Json reply;
    reply["state"] = "completed";
    return {200, std::move(reply)};
}

} // namespace devserver
