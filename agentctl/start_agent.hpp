#pragma once
// Starts agentd as a process of its own that outlives this one and its terminal. Called when its socket does not
// answer.

#include "base/result.hpp"

namespace agentctl {

/// Returns when agentd says that it is ready. Errc::agent_unreachable with what it logged when it ends or stays silent
/// for ten seconds. The environment variable AGENTD names another program to start.
agent::Status start_agent();

} // namespace agentctl
