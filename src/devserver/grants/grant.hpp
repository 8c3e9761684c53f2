#pragma once
// Grant: one line of a role. parse_grant.hpp makes it, acl.hpp evaluates it.

#include "devserver/grants/actions.hpp"

#include "base/json.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace devserver {

using agent::Json;

struct Grant {
    bool old_id = false;          ///< said as "id", which roles take no more
    std::vector<std::string> ids; ///< templates as they were written; "*" alone
    std::string type;             ///< empty: not said
    bool every_action = false;    ///< "*"
    ActionSet actions;            ///< as said, without what they bring with them
    std::optional<std::set<std::string, std::less<>>> output_fields;
};

/// ids, type, actions and output_fields in that order, actions and fields sorted.
std::string canonical_grant(const Grant& grant);
Json grant_json(const Grant& grant);

} // namespace devserver
