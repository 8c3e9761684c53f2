#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/listing.hpp"
#include "devserver/api/permissions.hpp"

#include <algorithm>
#include <cctype>

namespace devserver {
namespace {

bool is_alias_value(const std::string& value) {
    if (value.empty() || value.size() > 253) return false;
    std::size_t label = 0;
    for (std::size_t i = 0; i <= value.size(); ++i) {
        if (i == value.size() || value[i] == '.') {
            if (label == 0 || label > 63 || value[i - 1] == '-') return false;
            label = 0;
            continue;
        }
        const auto c = static_cast<unsigned char>(value[i]);
        if (!std::isalnum(c) && (c != '-' || label == 0)) return false;
        ++label;
    }
    return true;
}

} // namespace

Json alias_fields(Call& call, const Resource& alias, bool) {
    Json item = common_fields(call, alias);
    item["value"] = alias.unique_key.value_or("");
    copy_extra(alias, "destination_id", item);
    const auto host = agent::string_member(alias.extra, "host_id");
    if (!host.empty()) item["attributes"]["authorize_session_arguments"]["host_id"] = host;
    add_actions(call, alias, item);
    return item;
}

void accept_alias(Call& call, Resource& alias, bool creating, FieldErrors& errors) {
    if (creating) {
        const auto type = body_text(call.body, "type", errors).value_or("target");
        if (!type.empty() && type != "target") errors["type"] = "An alias leads to a \"target\".";
        alias.type = "target";
    }
    if (auto value = body_text(call.body, "value", errors)) {
        std::ranges::transform(*value, value->begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (!is_alias_value(*value))
            errors["value"] =
                "This must be a host name: labels of letters, digits and '-', joined by dots.";
        alias.unique_key = *value;
    } else if (creating) {
        errors.emplace("value", "This field is required.");
    }
    if (const auto destination = body_text(call.body, "destination_id", errors)) {
        const auto target = call.store.resources.find(*destination);
        if (destination->empty())
            alias.extra.erase("destination_id");
        else if (!target || target->kind != "target")
            errors["destination_id"] = "There is no such target.";
        else
            alias.extra["destination_id"] = *destination;
    }
    if (const Json* attributes = agent::find_member(call.body, "attributes")) {
        const Json* arguments = agent::find_member(*attributes, "authorize_session_arguments");
        const auto host =
            arguments == nullptr ? std::string() : agent::string_member(*arguments, "host_id");
        if (host.empty())
            alias.extra.erase("host_id");
        else
            alias.extra["host_id"] = host;
    }
    if (alias.extra.contains("host_id") && !alias.extra.contains("destination_id"))
        errors["attributes.authorize_session_arguments.host_id"] = "A host needs a destination.";
}

// What a user may resolve: the aliases of the targets on which the user may do anything at all.
Reply list_resolvable_aliases(Call& call, const Resource& user) {
    if (auto refusal = refuse_action(call, user, "list-resolvable-aliases")) return *refusal;
    ListPlan plan;
    plan.token_kind = "resolvable-alias";
    plan.query.kind = "alias";
    plan.query.scopes = {"global"};
    plan.render = [&](const Resource& alias) -> std::optional<Json> {
        const auto target =
            call.store.resources.find(agent::string_member(alias.extra, "destination_id"));
        if (!target || authorized_actions(call, *target).empty()) return std::nullopt;
        Json item;
        item["id"] = alias.id;
        item["created_time"] = agent::format_rfc3339(alias.created);
        item["updated_time"] = agent::format_rfc3339(alias.updated);
        item["value"] = alias.unique_key.value_or("");
        item["destination_id"] = target->id;
        item["type"] = alias.type;
        return item;
    };
    return run_list(call, std::move(plan));
}

} // namespace devserver
