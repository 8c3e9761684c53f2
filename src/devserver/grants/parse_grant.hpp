#pragma once
// parse_grant: a role's grant string, "ids=*;type=target;actions=read" or the same as JSON.

#include "devserver/grants/grant.hpp"

#include "base/result.hpp"

#include <string_view>

namespace devserver {

inline constexpr std::size_t max_grant_length = 4096;

/// Errc::invalid_argument with what is wrong: the syntax, an unknown type, action or template, or a
/// combination that could never allow anything. Ids are checked by their prefix, not looked up.
agent::Result<Grant> parse_grant(std::string_view text);

/// The type of an id, of a template what it stands for; empty when unknown.
std::string_view type_of_grant_id(std::string_view id);

} // namespace devserver
