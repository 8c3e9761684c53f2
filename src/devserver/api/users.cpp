// Users.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

namespace {

/// The one in the primary auth method of the user's scope, if there is such a one.
std::optional<Resource> primary_account(Call& call, const Resource& user,
                                        const std::vector<std::string>& ids) {
    const auto scope = call.store.resources.find(user.scope_id);
    const auto method =
        scope ? agent::string_member(scope->extra, "primary_auth_method_id") : std::string();
    for (const auto& id : ids)
        if (auto account = call.store.resources.find(id); account && account->parent_id == method)
            return account;
    return ids.empty() ? std::nullopt : call.store.resources.find(ids.front());
}

} // namespace

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
    if (const auto account = primary_account(call, user, accounts)) {
        item["primary_account_id"] = account->id;
        item["login_name"] = account->unique_key.value_or("");
    }
    add_actions(call, user, item);
    return item;
}

} // namespace devserver
