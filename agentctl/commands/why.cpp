// why NAME: what stands between a proxy and its target, and the next step.

#include "ipc/messages/why.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/layout.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome why(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name) return no_proxy_named();
    const auto answer = call_agent<ipc::Why>({*name});
    if (!answer) return Failure{answer.error(), Attempt{"why", "explain " + *name}};
    std::string out = "\nProxy " + printable(answer->name) + " is " + answer->state +
                      (answer->since.empty() ? "" : " since " + shown_time(answer->since)) + ".\n";
    if (!answer->hop.empty()) out += "  Hop:        " + answer->hop + '\n';
    out += "  Reason:     " + printable(answer->explanation) + '\n';
    if (!answer->next_step.empty()) out += "  Next step:  " + printable(answer->next_step) + '\n';
    if (!answer->history.empty()) out += "\n  What happened:\n";
    for (const auto& event : answer->history)
        out += "    " + shown_time(event.time) + "  " + printable(event.kind) + "  " +
               printable(event.message) + '\n';
    return Answer(out, json_line(*answer));
}

} // namespace agentctl
