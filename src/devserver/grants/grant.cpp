#include "devserver/grants/grant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace devserver {
namespace {

std::vector<std::string> action_names(const Grant& grant) {
    if (grant.every_action) return {"*"};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < max_actions; ++i)
        if (grant.actions.test(i)) names.emplace_back(action_name(i));
    std::ranges::sort(names);
    return names;
}

template <class List> std::string joined(const List& list) {
    std::string text;
    for (const auto& one : list) text += (text.empty() ? "" : ",") + one;
    return text;
}

} // namespace

std::string canonical_grant(const Grant& grant) {
    std::string text;
    const auto add = [&](const char* key, const std::string& value) {
        text += (text.empty() ? "" : ";") + std::string(key) + "=" + value;
    };
    if (!grant.ids.empty()) add(grant.old_id ? "id" : "ids", joined(grant.ids));
    if (!grant.type.empty()) add("type", grant.type);
    if (const auto actions = action_names(grant); !actions.empty()) add("actions", joined(actions));
    if (grant.output_fields) add("output_fields", joined(*grant.output_fields));
    return text;
}

Json grant_json(const Grant& grant) {
    Json json = Json::object();
    if (!grant.ids.empty() && grant.old_id) json["id"] = grant.ids.front();
    if (!grant.ids.empty() && !grant.old_id) json["ids"] = grant.ids;
    if (!grant.type.empty()) json["type"] = grant.type;
    if (auto actions = action_names(grant); !actions.empty()) json["actions"] = std::move(actions);
    return json;
}

} // namespace devserver
