// disconnect NAME: end a proxy from anywhere, and forget it when asked.

#include "ipc/messages/disconnect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int disconnect(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    bool forget = false;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    flags.boolean("forget", forget, "Forget a proxy that is kept: it does not come back.");
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name)
        return bad_usage("which proxy? Give its name.", begun.format,
                         "`agentctl list` shows the names.");
    ipc::Disconnect::Request request;
    request.name = *name;
    if (forget) request.forget = true;
    const auto answer = call_agent<ipc::Disconnect>(request);
    if (!answer) return report(answer.error(), {"disconnect", "disconnect " + *name}, begun.format);
    if (begun.format == Format::json)
        print_out(agent::dump_json(ipc::to_json(*answer)) + '\n');
    else
        print_out(
            "Proxy " + printable(answer->proxy.name) +
            (answer->killed.value_or(false) ? " did not answer and was killed" : " has ended") +
            (answer->session_canceled ? ", its session is canceled.\n" : ".\n"));
    if (begun.format == Format::table && answer->proxy.persistent.value_or(false) && !forget)
        print_out("It is remembered: `agentctl reconnect " + printable(*name) +
                  "` starts it again, and so does the next boot.\n");
    return 0;
}

} // namespace agentctl
