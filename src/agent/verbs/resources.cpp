#include "agent/verbs/resources.hpp"

#include "controller/client.hpp"

#include <algorithm>

namespace agent::core {
namespace {

constexpr Resource resources[] = {
    {"targets", ""},
    {"sessions", ""},
    {"scopes", ""},
    {"auth-methods", ""},
    {"auth-tokens", ""},
    {"hosts", "host_catalog_id"},
    {"host-sets", "host_catalog_id"},
    {"host-catalogs", ""},
    {"aliases", ""},
    {"users", ""},
    {"roles", ""},
    {"groups", ""},
    {"workers", ""},
    {"accounts", "auth_method_id"},
    {"managed-groups", "auth_method_id"},
    {"credential-stores", ""},
    {"credential-libraries", "credential_store_id"},
    {"credentials", "credential_store_id"},
    {"policies", ""},
    {"storage-buckets", ""},
    {"session-recordings", ""},
};

} // namespace

Result<Resource> find_resource(const std::string& name) {
    const auto* found = std::ranges::find(resources, name, &Resource::name);
    if (found != std::end(resources)) return *found;
    std::string known;
    for (const auto& resource : resources)
        known += (known.empty() ? "" : ", ") + std::string(resource.name);
    return fail(Errc::invalid_argument, Hop::local, "unknown resource \"" + name + "\"",
                "one of: " + known);
}

std::string collection_path(const Resource& resource) {
    return "/v1/" + std::string(resource.name);
}

std::string item_path(const Resource& resource, const std::string& id) {
    return collection_path(resource) + "/" + controller::percent_encode(id);
}

} // namespace agent::core
