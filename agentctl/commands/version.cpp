// version: agentctl's own; agentd's is in `agentctl status`.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/layout.hpp"
#include "base/json.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome version(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    return Answer(
        "\nVersion information:\n" + line_at(2, "Version Number", AGENT_VERSION, 23) +
            line_at(2, "Program", "agentctl", 23) + line_at(2, "Cgo Enabled", "false", 23) + "\n",
        agent::dump_json(agent::Json{
            {"version", AGENT_VERSION}, {"program", "agentctl"}, {"cgo_enabled", false}}) +
            '\n');
}

} // namespace agentctl
