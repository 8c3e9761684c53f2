#pragma once
// One agentd (and one agent-supervisor) per user: a lock on a file, held by the process and let go
// by the kernel whatever kills it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>
#include <string_view>

namespace agentd {

/// Errc::agent_unreachable "PROGRAM is already running (pid N)" when somebody holds it. The file
/// keeps our pid.
agent::Result<agent::UniqueFd> lock_instance(const std::string& path,
                                             std::string_view program = "agentd");

/// The same error when somebody holds it; leaves it as it is.
agent::Status instance_free(const std::string& path, std::string_view program = "agentd");

} // namespace agentd
