// Users, their password accounts, groups and roles.

#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/grants.hpp"

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
    item["attributes"]["login_name"] = account.unique_key.value_or("");
    add_actions(call, account, item);
    return item;
}

void accept_account(Call& call, Resource& account, bool creating, FieldErrors& errors) {
    if (creating) account.type = "password";
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
    const auto least = minimum(call, account, "min_password_length", 8);
    if (!creating)
        errors["attributes.password"] =
            "Passwords are changed by set-password and change-password.";
    else if (static_cast<std::int64_t>(password->size()) < least)
        errors["attributes.password"] = too_short(least);
}

void write_account(Call& call, const Resource& account) {
    const Json* password = agent::find_member(attributes_of(call), "password");
    if (password != nullptr && password->is_string())
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
    if (auto refusal = refuse_action(call.caller, account, "set-password")) return *refusal;
    if (auto refusal = refuse_version(call, account)) return *refusal;
    return write_password(call, account, "password");
}

Reply change_password(Call& call, const Resource& account) {
    if (auto refusal = refuse_action(call.caller, account, "change-password")) return *refusal;
    if (auto refusal = refuse_version(call, account)) return *refusal;
    const agent::Secret current(agent::string_member(call.body, "current_password"));
    if (!call.store.accounts.check_password(account.id, current))
        return invalid_fields({{"current_password", "This is not the account's password."}});
    return write_password(call, account, "new_password");
}

Json user_fields(Call& call, const Resource& user, bool detail) {
    Json item = common_fields(call, user);
    const auto accounts = call.store.resources.linked(user.id, "account");
    if (detail && !accounts.empty()) {
        item["account_ids"] = accounts;
        Json list = Json::array();
        for (const auto& id : accounts) {
            Json one;
            one["id"] = id;
            if (const auto account = call.store.resources.find(id))
                one["scope_id"] = account->scope_id;
            list.push_back(std::move(one));
        }
        item["accounts"] = std::move(list);
    }
    if (!accounts.empty()) {
        item["primary_account_id"] = accounts.front();
        if (const auto account = call.store.resources.find(accounts.front()))
            item["login_name"] = account->unique_key.value_or("");
    }
    add_actions(call, user, item);
    return item;
}

void accept_user(Call&, Resource&, bool, FieldErrors&) {} // name and description are all there is

Json group_fields(Call& call, const Resource& group, bool) {
    Json item = common_fields(call, group);
    add_actions(call, group, item);
    return item;
}

Json role_fields(Call& call, const Resource& role, bool detail) {
    Json item = common_fields(call, role);
    copy_extra(role, "grant_scope_ids", item);
    if (detail) {
        copy_extra(role, "grant_strings", item);
        const auto principals = call.store.resources.linked(role.id, "principal");
        if (!principals.empty()) item["principal_ids"] = principals;
    }
    add_actions(call, role, item);
    return item;
}

} // namespace devserver
