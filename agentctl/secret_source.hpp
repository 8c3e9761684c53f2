#pragma once
// Where secrets come from: env://NAME, file://PATH or standard input; prompt.hpp asks a person. Not
// from an argument: everyone on the machine can read those.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <string_view>

namespace agentctl {

/// It says where a secret is and holds none: env://NAME, file://PATH, or - for standard input.
bool names_a_source(std::string_view text);

/// At most 64 KiB, without white space around it. `what` names the flag in errors. What names no
/// source is refused without quoting it. A variable is gone from the environment then, for us and
/// for whom we start.
agent::Result<agent::Secret> read_secret_source(std::string_view source, std::string_view what);

} // namespace agentctl
