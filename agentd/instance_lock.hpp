#pragma once
// One agentd per user: a lock on agentd.lock, held by the process and let go by the kernel whatever kills it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>

namespace agentd {

/// Errc::agent_unreachable "agentd is already running (pid N)" when somebody holds it. The file keeps our pid.
agent::Result<agent::UniqueFd> lock_instance(const std::string& path);

} // namespace agentd
