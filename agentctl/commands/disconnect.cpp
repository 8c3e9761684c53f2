// disconnect NAME: end a proxy from anywhere.

#include "ipc/messages/disconnect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int disconnect(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name) return bad_usage("which proxy? Give its name.", begun.format, "`agentctl list` shows the names.");
    const auto answer = call_agent<ipc::Disconnect>({*name});
    if (!answer) return report(answer.error(), {"disconnect", "disconnect " + *name}, begun.format);
    if (begun.format == Format::json)
        print_out(agent::dump_json(ipc::to_json(*answer)) + '\n');
    else
        print_out("Proxy " + printable(answer->proxy.name) + " has ended" +
                  (answer->session_canceled ? ", its session is canceled.\n" : ".\n"));
    return 0;
}

} // namespace agentctl
