#pragma once
// Starts agentd, under an agent-supervisor that starts it again when it dies, as processes that
// outlive this one and its terminal. Called when the agent's socket does not answer.

#include "base/result.hpp"

namespace agentctl {

/// Returns when agentd says that it is ready. Errc::agent_unreachable with what it logged when it
/// ends or stays silent for ten seconds. The environment variable AGENTD names another program to
/// start, and that one has no supervisor.
agent::Status start_agent();

} // namespace agentctl
