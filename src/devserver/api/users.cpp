// Users.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

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

} // namespace devserver
