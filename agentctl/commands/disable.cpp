// disable: the agent no longer starts at login. What runs goes on.

#include "agentctl/autostart.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/user_units.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int disable(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const Attempt attempt{"disable", "no longer start the agent at login"};
    if (agent_units_installed())
        if (const auto done = command_agent_units({"disable"}); !done)
            return report(done.error(), attempt, begun.format);
    const auto removed = remove_autostart();
    if (!removed) return report(removed.error(), attempt, begun.format);
    if (begun.format == Format::json)
        print_out(agent::dump_json(agent::Json{{"enabled", false}}) + '\n');
    else
        print_out("The agent no longer starts at login. What runs goes on.\n");
    return 0;
}

} // namespace agentctl
