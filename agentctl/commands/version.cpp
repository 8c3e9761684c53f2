// version: agentctl's own; agentd's is in `agentctl status`.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/layout.hpp"
#include "base/json.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int version(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (begun.format == Format::json)
        print_out(agent::dump_json(agent::Json{{"version", AGENT_VERSION}}) + '\n');
    else
        print_out("\nVersion information:\n" + line_at(2, "Version Number", AGENT_VERSION, 23));
    return 0;
}

} // namespace agentctl
