#include "devserver/api/fields.hpp"

#include "devserver/api/permissions.hpp"

namespace devserver {

Json scope_object(Call& call, const std::string& scope_id) {
    const auto [at, added] = call.scopes.try_emplace(scope_id, Json::object());
    Json& object = at->second;
    if (!added) return object;
    const auto scope = call.store.resources.find(scope_id);
    object["id"] = scope_id;
    if (!scope) return object;
    object["type"] = scope->type;
    if (scope->name) object["name"] = *scope->name;
    if (scope->description) object["description"] = *scope->description;
    if (!scope->scope_id.empty()) object["parent_scope_id"] = scope->scope_id;
    return object;
}

Json common_fields(Call& call, const Resource& resource, const char* parent_key) {
    Json item;
    item["id"] = resource.id;
    if (parent_key != nullptr)
        item[parent_key] = resource.parent_id;
    else if (!resource.scope_id.empty())
        item["scope_id"] = resource.scope_id;
    if (!resource.scope_id.empty()) item["scope"] = scope_object(call, resource.scope_id);
    if (resource.name) item["name"] = *resource.name;
    if (resource.description) item["description"] = *resource.description;
    item["created_time"] = agent::format_rfc3339(resource.created);
    item["updated_time"] = agent::format_rfc3339(resource.updated);
    item["version"] = resource.version;
    if (!resource.type.empty()) item["type"] = resource.type;
    return item;
}

void add_actions(Call& call, const Resource& resource, Json& item) {
    const auto actions = authorized_actions(call, resource);
    if (!actions.empty()) item["authorized_actions"] = actions;
    auto below = authorized_collection_actions(call, resource);
    if (!below.empty()) item["authorized_collection_actions"] = std::move(below);
}

void copy_extra(const Resource& resource, const char* name, Json& item) {
    if (const Json* value = agent::find_member(resource.extra, name)) item[name] = *value;
}

const Json& attributes_of(const Call& call) {
    static const Json nothing = Json::object();
    const Json* attributes = agent::find_member(call.body, "attributes");
    return attributes != nullptr ? *attributes : nothing;
}

std::optional<std::string> body_text(const Json& body, const std::string& name, FieldErrors& errors,
                                     const std::string& shown_name) {
    if (!body.is_object() || !body.contains(name)) return std::nullopt;
    const Json& value = body.at(name);
    if (value.is_null()) return std::string();
    if (value.is_string()) return value.get<std::string>();
    errors[shown_name.empty() ? name : shown_name] = "This field must be a string.";
    return std::nullopt;
}

std::optional<std::int64_t> body_number(const Json& body, const std::string& name,
                                        std::int64_t lowest, std::int64_t highest,
                                        FieldErrors& errors, const std::string& shown_name) {
    if (!body.is_object() || !body.contains(name)) return std::nullopt;
    const Json& value = body.at(name);
    if (value.is_null()) return lowest;
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() ||
                       value.get<std::uint64_t>() <= static_cast<std::uint64_t>(highest));
    const auto number = fits ? value.get<std::int64_t>() : lowest - 1;
    if (number >= lowest && number <= highest) return number;
    errors[shown_name.empty() ? name : shown_name] = "This field must be a whole number from " +
                                                     std::to_string(lowest) + " to " +
                                                     std::to_string(highest) + ".";
    return std::nullopt;
}

} // namespace devserver
