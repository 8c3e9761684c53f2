#include "agentctl/output/resource.hpp"

#include "base/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agentctl {
namespace {

using enum Shown;

constexpr Column described[] = {
    {"Version", "version", number}, {"Name", "name"}, {"Description", "description"}};
constexpr Column typed[] = {{"Version", "version", number},
                            {"Type", "type"},
                            {"Name", "name"},
                            {"Description", "description"}};

constexpr Column target_list[] = {{"Version", "version", number},
                                  {"Type", "type"},
                                  {"Name", "name"},
                                  {"Description", "description"},
                                  {"Address", "address"}};
constexpr Column target_item[] = {{"Address", "address"},
                                  {"Created Time", "created_time", time},
                                  {"Description", "description"},
                                  {"Egress Worker Filter", "egress_worker_filter"},
                                  {"ID", "id", id},
                                  {"Ingress Worker Filter", "ingress_worker_filter"},
                                  {"Name", "name"},
                                  {"Session Connection Limit", "session_connection_limit", number},
                                  {"Session Max Seconds", "session_max_seconds", number},
                                  {"Type", "type"},
                                  {"Updated Time", "updated_time", time},
                                  {"Version", "version", number}};

constexpr Column session_list[] = {{"Status", "status"},
                                   {"Created Time", "created_time", time},
                                   {"Expiration Time", "expiration_time", time},
                                   {"Updated Time", "updated_time", time},
                                   {"User ID", "user_id"},
                                   {"Target ID", "target_id"}};
constexpr Column session_item[] = {{"Auth Token ID", "auth_token_id"},
                                   {"Created Time", "created_time", time},
                                   {"Endpoint", "endpoint"},
                                   {"Expiration Time", "expiration_time", time},
                                   {"Host ID", "host_id"},
                                   {"Host Set ID", "host_set_id"},
                                   {"ID", "id", id},
                                   {"Status", "status"},
                                   {"Target ID", "target_id"},
                                   {"Termination Reason", "termination_reason"},
                                   {"Type", "type"},
                                   {"Updated Time", "updated_time", time},
                                   {"User ID", "user_id"},
                                   {"Version", "version", number}};

constexpr Column auth_method_list[] = {{"Version", "version", number},
                                       {"Type", "type"},
                                       {"Name", "name"},
                                       {"Description", "description"},
                                       {"Is Primary For Scope", "is_primary", truth}};
constexpr Column auth_token_list[] = {
    {"Approximate Last Used Time", "approximate_last_used_time", time},
    {"Auth Method ID", "auth_method_id"},
    {"Created Time", "created_time", time},
    {"Expiration Time", "expiration_time", time},
    {"Updated Time", "updated_time", time},
    {"User ID", "user_id"}};
constexpr Column auth_token_item[] = {
    {"Account ID", "account_id"},
    {"Approximate Last Used Time", "approximate_last_used_time", time},
    {"Auth Method ID", "auth_method_id"},
    {"Created Time", "created_time", time},
    {"Expiration Time", "expiration_time", time},
    {"ID", "id", id},
    {"Updated Time", "updated_time", time},
    {"User ID", "user_id"}};
constexpr Column alias_list[] = {
    {"Version", "version", number}, {"Type", "type"},   {"Name", "name"},
    {"Description", "description"}, {"Value", "value"}, {"Destination ID", "destination_id"}};
// One list serves the resources whose members differ little: what an item does not have is left
// out.
constexpr Column plain_item[] = {{"Created Time", "created_time", time},
                                 {"Description", "description"},
                                 {"Destination ID", "destination_id"},
                                 {"External Name", "external_name"},
                                 {"Host Catalog ID", "host_catalog_id"},
                                 {"ID", "id", id},
                                 {"Is Primary For Scope", "is_primary", truth},
                                 {"Login Name", "login_name"},
                                 {"Name", "name"},
                                 {"Primary Account ID", "primary_account_id"},
                                 {"Primary Auth Method ID", "primary_auth_method_id"},
                                 {"Type", "type"},
                                 {"Updated Time", "updated_time", time},
                                 {"Value", "value"},
                                 {"Version", "version", number}};

constexpr Resource resources[] = {
    {"targets", "Target", "target", "targets", "", 25, target_list, target_item},
    {"sessions", "Session", "session", "sessions", "", 25, session_list, session_item},
    {"scopes", "Scope", "scope", "scopes", "global", 25, described, plain_item},
    {"auth-methods", "Auth Method", "auth method", "auth methods", "global", 26, auth_method_list,
     plain_item},
    {"auth-tokens", "Auth Token", "auth token", "auth tokens", "global", 33, auth_token_list,
     auth_token_item},
    {"hosts", "Host", "host", "hosts", "", 25, typed, plain_item},
    {"host-sets", "Host Set", "host set", "host sets", "", 25, typed, plain_item},
    {"host-catalogs", "Host Catalog", "host catalog", "host catalogs", "", 25, typed, plain_item},
    {"aliases", "Alias", "alias", "aliases", "global", 25, alias_list, plain_item},
    {"users", "User", "user", "users", "global", 25, described, plain_item},
};

} // namespace

const Resource* find_resource(std::string_view collection) {
    const auto* found = std::ranges::find(resources, collection, &Resource::collection);
    return found == std::end(resources) ? nullptr : found;
}

std::string shown_time(const std::string& rfc3339) {
    auto shown = agent::rfc1123_of(rfc3339);
    return shown ? std::move(*shown) : printable(rfc3339);
}

std::string shown_value(const agent::Json& item, const Column& column) {
    const agent::Json* member = agent::find_member(item, column.member);
    if (member == nullptr) return column.shown == id ? "(not available)" : "";
    switch (column.shown) {
    case time:
        return member->is_string() ? shown_time(member->get<std::string>()) : "";
    case truth:
        return member->is_boolean() && member->get<bool>() ? "true" : "";
    case id:
        if (member->is_string() && member->get_ref<const std::string&>().empty())
            return "(not available)";
        break;
    case text:
    case number:
        break;
    }
    return printable(member->is_string() ? member->get<std::string>() : agent::dump_json(*member));
}

} // namespace agentctl
