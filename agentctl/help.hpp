#pragma once
// The help that lists commands; a command's own is Flags::help().

#include "agentctl/resources/rows.hpp"
#include "agentctl/verb.hpp"

#include <span>
#include <string>

namespace agentctl {

/// Everything there is.
std::string whole_help(std::span<const Verb> verbs);
/// The verbs of one group ("clusters").
std::string group_help(std::span<const Verb> verbs, std::string_view group);
/// The commands of a resource; with `first` only those that begin with it: "create".
std::string resource_help(const Resource& resource, std::string_view first = {});

} // namespace agentctl
