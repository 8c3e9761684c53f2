// Accounts: of password auth methods with their words, of others as data.

#include "devserver/api/auth_method_attributes.hpp"
#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"
#include "devserver/store/ids.hpp"

namespace devserver {
namespace {

std::int64_t minimum(Call& call, const Resource& account, const char* name,
                     std::int64_t otherwise) {
    const auto method = call.store.resources.find(account.parent_id);
    return method ? method->extra.value(name, otherwise) : otherwise;
}

std::string too_short(std::int64_t least) {
    return "This must have at least " + std::to_string(least) + " characters.";
}

} // namespace

Json account_fields(Call& call, const Resource& account, bool) {
    Json item = common_fields(call, account, "auth_method_id");
    if (account.type == "password")
        item["attributes"]["login_name"] = account.unique_key.value_or("");
    else
        item["attributes"] = shown_attributes(call, account_attributes(account.type), account);
    add_actions(call, account, item);
    return item;
}

namespace {

// The account of somebody whom another program knows: its subject or login name is all it is.
void accept_elsewhere(Call& call, Resource& account, bool creating, FieldErrors& errors) {
    if (creating) account.id = new_id(account.type == "oidc" ? "acctoidc" : "acctldap");
    accept_attributes(call, account_attributes(account.type), account, creating, errors);
    const char* key = account.type == "oidc" ? "subject" : "login_name";
    account.unique_key = agent::string_member(account.extra, key);
    if (!creating && attributes_of(call).is_object() && attributes_of(call).contains(key))
        errors["attributes." + std::string(key)] = "This is a read only field.";
}

} // namespace

void accept_account(Call& call, Resource& account, bool creating, FieldErrors& errors) {
    if (creating) {
        const auto method = call.store.resources.find(account.parent_id);
        account.type = method ? method->type : std::string("password");
        const auto said = body_text(call.body, "type", errors).value_or("");
        if (!said.empty() && said != account.type)
            errors["type"] = "The auth method is of type \"" + account.type + "\".";
    }
    if (account.type != "password") return accept_elsewhere(call, account, creating, errors);
    const auto login_name =
        body_text(attributes_of(call), "login_name", errors, "attributes.login_name");
    if (login_name) {
        const auto least = minimum(call, account, "min_login_name_length", 3);
        if (login_name->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_@+") !=
            std::string::npos)
            errors["attributes.login_name"] =
                "This must be lower case letters, digits and . - _ @ + only.";
        else if (static_cast<std::int64_t>(login_name->size()) < least)
            errors["attributes.login_name"] = too_short(least);
        account.unique_key = *login_name;
    } else if (creating) {
        errors.emplace("attributes.login_name", "This field is required.");
    }
    const auto password = body_text(attributes_of(call), "password", errors, "attributes.password");
    if (!password) return;
    if (!creating)
        errors["attributes.password"] =
            "Passwords are changed by set-password and change-password.";
}

Refusal refuse_account(Call& call, const Resource& account) {
    const Json* given = agent::find_member(attributes_of(call), "password");
    const auto password = agent::string_member(attributes_of(call), "password");
    const auto least = minimum(call, account, "min_password_length", 8);
    if (account.type != "password" || given == nullptr ||
        static_cast<std::int64_t>(password.size()) >= least)
        return std::nullopt;
    return internal_error("accounts.(Service).createInRepo: accounts.(Service).createPwInRepo: "
                          "password.(Repository).CreateAccount: must be longer than " +
                          std::to_string(least) + ": password violation: error #200");
}

void write_account(Call& call, const Resource& account) {
    const Json* password = agent::find_member(attributes_of(call), "password");
    if (account.type == "password" && password != nullptr && password->is_string())
        call.store.accounts.set_password(account.id, agent::Secret(password->get<std::string>()));
}

namespace {

Reply write_password(Call& call, const Resource& account, const char* member) {
    FieldErrors errors;
    const auto password = body_text(call.body, member, errors);
    const auto least = minimum(call, account, "min_password_length", 8);
    if (!password || static_cast<std::int64_t>(password->size()) < least)
        errors.emplace(member, too_short(least));
    if (!errors.empty()) return invalid_fields(errors);
    Transaction transaction(call.store.database);
    call.store.accounts.set_password(account.id, agent::Secret(*password));
    call.store.resources.touch(account.id);
    transaction.commit();
    return {200, render(call, *call.store.resources.find(account.id), true)};
}

} // namespace

Reply set_password(Call& call, const Resource& account) {
    if (auto refusal = refuse_action(call, account, "set-password")) return *refusal;
    if (auto refusal = refuse_version(call, account)) return *refusal;
    return write_password(call, account, "password");
}

Reply change_password(Call& call, const Resource& account) {
    if (auto refusal = refuse_action(call, account, "change-password")) return *refusal;
    if (auto refusal = refuse_version(call, account)) return *refusal;
    const agent::Secret current(agent::string_member(call.body, "current_password"));
    if (!call.store.accounts.check_password(account.id, current))
        return forbidden("Failed to change password.");
    return write_password(call, account, "new_password");
}

} // namespace devserver
