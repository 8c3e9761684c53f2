#pragma once
// JSON that may be large or hostile: as text where nobody looks into it, as a tree within bounds
// where somebody does.

#include "base/json.hpp"

namespace agent {

/// Text that is known to be compact JSON, as one node: dump_json writes it as it is. Nothing else
/// can look into it.
Json raw_json(std::string_view text);

/// parse_json with a bound on values: each takes memory whatever its text's length.
Result<Json> parse_json_within(std::string_view text, std::size_t max_nodes);

} // namespace agent
