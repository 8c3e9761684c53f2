// Auth methods and managed groups as they are kept; authenticate.cpp logs in.

#include "devserver/api/auth_method_attributes.hpp"
#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"
#include "devserver/filter/filter.hpp"
#include "devserver/store/ids.hpp"

namespace devserver {
namespace {

constexpr const char* callback = "/v1/auth-methods/oidc:authenticate:callback";

std::string prefix_of(const std::string& type) {
    return type == "oidc" ? "amoidc" : type == "ldap" ? "amldap" : "ampw";
}

/// What attributes say only together.
void check(const Resource& auth_method, FieldErrors& errors) {
    const Json* prompts = agent::find_member(auth_method.extra, "prompts");
    if (prompts == nullptr || prompts->size() < 2) return;
    for (const auto& one : *prompts)
        if (one == Json("none"))
            errors["attributes.prompts"] = "prompts includes \"none\" with other values";
}

bool is_primary(Call& call, const Resource& auth_method) {
    const auto scope = call.store.resources.find(auth_method.scope_id);
    return scope && agent::string_member(scope->extra, "primary_auth_method_id") == auth_method.id;
}

} // namespace

Json auth_method_fields(Call& call, const Resource& auth_method, bool) {
    Json item = common_fields(call, auth_method);
    item["attributes"] =
        shown_attributes(call, auth_method_attributes(auth_method.type), auth_method);
    if (is_primary(call, auth_method)) item["is_primary"] = true;
    add_actions(call, auth_method, item);
    return item;
}

void accept_auth_method(Call& call, Resource& auth_method, bool creating, FieldErrors& errors) {
    if (creating) {
        auth_method.type = body_text(call.body, "type", errors).value_or("");
        if (auth_method.type != "password" && auth_method.type != "oidc" &&
            auth_method.type != "ldap") {
            errors["type"] = "This is a required field and must be \"password\".";
            return;
        }
        auth_method.id = new_id(prefix_of(auth_method.type));
        if (auth_method.type != "password") auth_method.extra["state"] = "inactive";
    }
    accept_attributes(call, auth_method_attributes(auth_method.type), auth_method, creating,
                      errors);
    if (auth_method.type == "password") {
        auth_method.extra.emplace("min_login_name_length", 3);
        auth_method.extra.emplace("min_password_length", 8);
    }
    check(auth_method, errors);
    for (const char* order : {"disable_discovered_config_validation", "dry_run"})
        auth_method.extra.erase(order); // said to this request, not of the method
    const auto url = agent::string_member(auth_method.extra, "api_url_prefix");
    if (auth_method.type == "oidc") auth_method.extra["callback_url"] = url + callback;
}

void write_auth_method(Call& call, const Resource& auth_method) {
    write_secrets(call, auth_method_attributes(auth_method.type), auth_method);
}

Reply change_state(Call& call, const Resource& auth_method) {
    if (auth_method.type != "oidc") return empty_reply(400);
    if (auto refusal = refuse_action(call, auth_method, "change-state")) return *refusal;
    if (auto refusal = refuse_version(call, auth_method)) return *refusal;
    const auto state = agent::string_member(attributes_of(call), "state");
    if (state != "inactive" && state != "active-private" && state != "active-public")
        return invalid_argument(
            "Invalid fields provided in request.",
            {{"attributes.state", "Only supported values are \"inactive\", "
                                  "\"active-private\", or \"active-public\"."}});
    Resource changed = auth_method;
    changed.extra["state"] = state;
    return {200, render(call, call.store.resources.update(changed), true)};
}

Json managed_group_fields(Call& call, const Resource& group, bool) {
    Json item = common_fields(call, group, "auth_method_id");
    item["attributes"] = shown_attributes(call, managed_group_attributes(group.type), group);
    add_actions(call, group, item);
    return item;
}

void accept_managed_group(Call& call, Resource& group, bool creating, FieldErrors& errors) {
    if (creating) {
        const auto method = call.store.resources.find(group.parent_id);
        group.type = method ? method->type : std::string();
        if (group.type == "password") {
            errors["auth_method_id"] = "A password auth method has no managed groups.";
            return;
        }
        group.id = new_id(group.type == "oidc" ? "mgoidc" : "mgldap");
    }
    accept_attributes(call, managed_group_attributes(group.type), group, creating, errors);
    const auto filter = agent::string_member(group.extra, "filter");
    if (filter.empty()) return;
    if (const auto parsed = parse_filter(filter); !parsed)
        errors["attributes.filter"] =
            "Error evaluating submitted filter expression: " + parsed.error().message;
}

} // namespace devserver
