#pragma once
// The controller's collections, by the names that List, Read and Delete use.

#include "base/result.hpp"

#include <string>

namespace agent::core {

struct Resource {
    std::string_view name;
    std::string_view parent; ///< query parameter of the collection it lives in; empty: scope_id
};

/// Errc::invalid_argument names the ones there are.
Result<Resource> find_resource(const std::string& name);
/// "/v1/targets"
std::string collection_path(const Resource& resource);
/// "/v1/targets/ttcp_1234567890"
std::string item_path(const Resource& resource, const std::string& id);

} // namespace agent::core
