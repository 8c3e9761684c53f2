#pragma once
// Tables that are like no other.

#include "base/json.hpp"

#include <string>

namespace agentctl {

/// Each of the items' lists may be missing: nullptr.
std::string keys_table(const agent::Json* items);
std::string key_jobs_table(const agent::Json* items);
std::string active_users_table(const agent::Json* items);
std::string authority_table(const agent::Json& item);

} // namespace agentctl
