// LoginMethod: the auth method that a login uses: the one named, the cluster's own from
// config.toml, or the primary one of a scope.

#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {
namespace {

/// By the id's prefix: every method of a type has it.
std::string type_of(const std::string& id) {
    if (id.starts_with("ampw_")) return "password";
    if (id.starts_with("amldap_")) return "ldap";
    if (id.starts_with("amoidc_")) return "oidc";
    return "unknown";
}

LoginMethod described(std::string id, std::string scope_id) {
    LoginMethod method;
    method.type = type_of(id);
    method.supported = method.type != "oidc"; // a controller knows better what an unknown id is
    method.id = std::move(id);
    method.scope_id = std::move(scope_id);
    return method;
}

} // namespace

awaitable<Result<LoginMethod>> login_method(Controllers& controllers, ClusterChoice choice,
                                            std::string id, std::string scope_id) {
    const bool own_scope = scope_id.empty() || scope_id == choice.scope;
    if (scope_id.empty()) scope_id = choice.scope.empty() ? std::string("global") : choice.scope;
    if (id.empty() && own_scope) id = choice.auth_method;
    if (!id.empty()) co_return described(std::move(id), std::move(scope_id));
    controller::ListQuery query;
    query.collection = "/v1/auth-methods";
    query.parameters.emplace_back("scope_id", scope_id);
    const auto client = controllers.client_of(choice.settings);
    const auto methods = co_await controller::list_all(*client, std::move(query), nullptr);
    if (!methods) co_return in_cluster(choice, methods.error());
    for (const auto& text : methods->items) {
        const auto json = controller::parse_item(text);
        if (!json) continue;
        const Json& one = *json;
        const Json* primary = find_member(one, "is_primary");
        if (primary == nullptr || !primary->is_boolean() || !primary->get<bool>()) continue;
        auto method = described(string_member(one, "id"), std::move(scope_id));
        method.type = string_member(one, "type", method.type);
        method.supported = method.type == "password" || method.type == "ldap";
        method.name = string_member(one, "name");
        co_return method;
    }
    co_return fail(Errc::invalid_argument, Hop::login,
                   "scope " + scope_id + " has no primary auth method",
                   "name one with -auth-method-id");
}

} // namespace agent::core::verbs
