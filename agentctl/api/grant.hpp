#pragma once
// A first look at a grant before it is sent: what can be no grant is refused here, with the words
// that scripts know. The controller has the last word.

#include <optional>
#include <string>
#include <string_view>

namespace agentctl {

/// Why it can be none; nullopt: it may be one.
std::optional<std::string> grant_problem(std::string_view grant);

} // namespace agentctl
