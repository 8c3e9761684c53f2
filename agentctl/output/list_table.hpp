#pragma once
// The table of a list command: one block per item.

#include "agentctl/output/resource.hpp"

#include <string>
#include <vector>

namespace agentctl {

/// "No targets found" when there are none. `recursive`: items of several scopes, so each names its
/// own.
std::string list_table(const Resource& resource, const std::vector<agent::Json>& items,
                       bool recursive);

} // namespace agentctl
