#include "devserver/api/collections.hpp"
#include "devserver/api/default_roles.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

Json scope_fields(Call& call, const Resource& scope, bool) {
    Json item = common_fields(call, scope);
    copy_extra(scope, "primary_auth_method_id", item);
    add_actions(call, scope, item);
    return item;
}

void accept_scope(Call& call, Resource& scope, bool creating, FieldErrors& errors) {
    const auto primary = body_text(call.body, "primary_auth_method_id", errors);
    if (!primary) return;
    // upstream's command sends "null" as a word when it means to clear it
    if (primary->empty() || *primary == "null") {
        scope.extra.erase("primary_auth_method_id");
        return;
    }
    const auto method = call.store.resources.find(*primary);
    if (creating || !method || method->kind != "auth-method" || method->scope_id != scope.id)
        errors["primary_auth_method_id"] = "Improperly formatted identifier.";
    else
        scope.extra["primary_auth_method_id"] = *primary;
}

void write_scope(Call& call, const Resource& scope) {
    if (call.action != "create") return;
    if (call.parameter("skip_admin_role_creation") != "true") add_admin_role(call, scope);
    if (call.parameter("skip_default_role_creation") != "true") add_default_role(call, scope);
}

Reply storage_policy(Call&, const Resource&) {
    return unimplemented("Policies are an Enterprise-only feature");
}

Reply alias_suffix(Call&, const Resource&) {
    return unimplemented("Alias suffixes are an Enterprise-only feature");
}

} // namespace devserver
