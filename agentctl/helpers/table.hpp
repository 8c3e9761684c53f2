#pragma once
// All helpers. A new one is a row in a file of its own, and its name here.

#include "agentctl/helpers/helper.hpp"

#include <span>
#include <string>
#include <string_view>

namespace agentctl::helpers {

extern const Helper cassandra, http, kube, mongo, mysql, postgres, rdp, redis, ssh;

/// By name.
std::span<const Helper* const> all();
/// nullptr: there is none of that name.
const Helper* find(std::string_view name);
/// "cassandra, http, kube …"
std::string names();

} // namespace agentctl::helpers
