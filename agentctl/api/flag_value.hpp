#pragma once
// One flag's JSON.

#include "agentctl/api/given.hpp"
#include "agentctl/api/plain.hpp"

#include <nlohmann/json.hpp>

#include <variant>

namespace agentctl {

struct FlagValue {
    std::optional<agent::Json> value; ///< none: nothing was given, and there is no default
    bool secret = false;
};

struct ListRules {
    bool sets = false;  ///< one "null" empties the whole
    bool plain = false; ///< of members: "null" is no value otherwise
};

std::variant<FlagValue, Plain> flag_value(GivenFlag& one, ListRules rules, bool given);

/// 12, -1, 0x10.
std::optional<std::int64_t> whole_number(std::string_view text);

} // namespace agentctl
