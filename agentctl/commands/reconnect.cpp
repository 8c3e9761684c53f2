// reconnect NAME: a new session for a persistent proxy that waits for a person, or the start of a
// disconnected one.

#include "ipc/messages/reconnect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int reconnect(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name)
        return bad_usage("which proxy? Give its name.", begun.format,
                         "`agentctl list` shows the names.");
    const auto answer = call_agent<ipc::Reconnect>({*name});
    if (!answer) return report(answer.error(), {"reconnect", "reconnect " + *name}, begun.format);
    if (begun.format == Format::json)
        print_out(agent::dump_json(ipc::to_json(*answer)) + '\n');
    else
        print_out(
            "Proxy " + printable(answer->proxy.name) + " listens on " +
            (answer->proxy.port == 0 ? answer->proxy.socket_path : local_endpoint(answer->proxy)) +
            " with session " + printable(answer->proxy.session_id) + ".\n");
    return 0;
}

} // namespace agentctl
