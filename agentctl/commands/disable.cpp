// disable: the agent no longer starts at login. What runs goes on.

#include "agentctl/autostart.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/user_units.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome disable(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const Attempt attempt{"disable", "no longer start the agent at login"};
    if (agent_units_installed())
        if (const auto done = command_agent_units({"disable"}); !done)
            return Failure{done.error(), attempt};
    const auto removed = remove_autostart();
    if (!removed) return Failure{removed.error(), attempt};
    return Answer("The agent no longer starts at login. What runs goes on.\n",
                  agent::dump_json(agent::Json{{"enabled", false}}) + '\n');
}

} // namespace agentctl
