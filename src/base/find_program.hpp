#pragma once
// Where programs are. Ours belong together: a build tree, an unpacked archive and an installation
// must all work, and agentd must not be given another version's agent-proxy.

#include <optional>
#include <string>
#include <string_view>

namespace agent {

/// One of ours: beside this program, else in ../libexec/agentd.
std::optional<std::string> find_own_program(std::string_view name);

/// In the absolute folders of PATH: a relative one would let the working directory choose what is
/// run with the user's login.
std::optional<std::string> find_on_path(std::string_view name);

/// One of ours, else on PATH.
std::optional<std::string> find_program(std::string_view name);

} // namespace agent
