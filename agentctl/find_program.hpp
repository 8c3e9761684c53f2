#pragma once
// Where our other programs are: a build tree, an unpacked archive and an installation must all
// work.

#include <optional>
#include <string>
#include <string_view>

namespace agentctl {

/// Beside this program, then in ../libexec/agentd, then on PATH. nullopt: nowhere.
std::optional<std::string> find_program(std::string_view name);

} // namespace agentctl
