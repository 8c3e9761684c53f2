// start: the agent runs afterwards, whether it did before or not. What an autostart entry calls.

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"

namespace agentctl {

Outcome start(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const auto running = connect_to_agent();
    if (!running) return Failure{running.error(), Attempt{"start", "start the agent"}};
    return 0;
}

} // namespace agentctl
