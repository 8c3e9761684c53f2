// The login itself. Only with passwords: this server has no OIDC or LDAP to talk to.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"

namespace devserver {
namespace {

// Members in alphabetical order, as the reference writes this one object.
Json login_attributes(Call& call, const IssuedToken& issued) {
    Json scope = scope_object(call, issued.resource.scope_id);
    scope.erase("name");
    scope.erase("description");
    const auto created = agent::format_rfc3339(issued.resource.created);
    Json token;
    token["account_id"] = issued.token.account_id;
    token["approximate_last_used_time"] = created;
    token["auth_method_id"] = issued.token.auth_method_id;
    token["created_time"] = created;
    token["expiration_time"] = agent::format_rfc3339(issued.token.expiration);
    token["id"] = issued.token.id;
    token["scope"] = std::move(scope);
    token["token"] = std::string(issued.text.reveal());
    token["updated_time"] = created;
    token["user_id"] = issued.token.user_id;
    return token;
}

Reply log_in_elsewhere(const Resource& auth_method) {
    if (auth_method.type == "ldap") return unauthenticated("Unable to authenticate.");
    if (agent::string_member(auth_method.extra, "state") == "inactive")
        return failed_precondition(
            "Cannot start authentication against an inactive OIDC auth method");
    return unimplemented("This dev server keeps OIDC auth methods, but does not log in with them.");
}

} // namespace

Reply authenticate(Call& call, const Resource& auth_method) {
    if (auto refusal = refuse_action(call, auth_method, "authenticate")) return *refusal;
    if (auth_method.type != "password") return log_in_elsewhere(auth_method);
    FieldErrors errors;
    const auto command = body_text(call.body, "command", errors).value_or("");
    if (!command.empty() && command != "login")
        errors["command"] = "A password auth method knows only \"login\".";
    for (const char* name : {"type", "token_type"}) {
        const auto type = body_text(call.body, name, errors).value_or("");
        if (type == "cookie")
            errors[name] = "This server issues no cookies: ask for \"token\".";
        else if (!type.empty() && type != "token")
            errors[name] = "Must be \"token\", or left out.";
    }
    std::string login_name;
    agent::Secret password;
    static const Json nothing = Json::object();
    const Json* attributes = agent::find_member(call.body, "attributes");
    if (attributes == nullptr || !attributes->is_object()) attributes = &nothing;
    for (const auto& [name, value] : attributes->items()) {
        if (name != "login_name" && name != "password")
            errors["attributes." + name] = "Unknown field.";
        else if (!value.is_string())
            errors["attributes." + name] = "This field must be a string.";
        else if (name == "login_name")
            login_name = value.get<std::string>();
        else
            password = agent::Secret(value.get<std::string>());
    }
    if (login_name.empty()) errors.emplace("attributes.login_name", "This is a required field.");
    if (password.empty()) errors.emplace("attributes.password", "This is a required field.");
    if (!errors.empty()) return invalid_fields(errors);

    const auto account = call.store.accounts.log_in(auth_method.id, login_name, password);
    if (!account || account->owner_id.empty()) return unauthenticated("Unable to authenticate.");
    const auto issued = call.store.auth_tokens.issue(*account);
    Json reply;
    reply["attributes"] = login_attributes(call, issued);
    reply["command"] = "login";
    if (const auto type = agent::string_member(call.body, "type"); !type.empty())
        reply["type"] = type;
    return {200, std::move(reply)};
}

} // namespace devserver
