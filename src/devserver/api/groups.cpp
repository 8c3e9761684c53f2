#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

Json group_fields(Call& call, const Resource& group, bool detail) {
    Json item = common_fields(call, group);
    const auto ids =
        detail ? call.store.resources.linked(group.id, "member") : std::vector<std::string>();
    if (!ids.empty()) {
        item["member_ids"] = ids;
        Json& members = item["members"] = Json::array();
        for (const auto& id : ids) {
            Json one;
            one["id"] = id;
            if (const auto user = call.store.resources.find(id)) one["scope_id"] = user->scope_id;
            members.push_back(std::move(one));
        }
    }
    add_actions(call, group, item);
    return item;
}

void accept_nothing_more(Call&, Resource&, bool, FieldErrors&) {}

} // namespace devserver
