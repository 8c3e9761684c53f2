// disconnect NAME: end a proxy from anywhere, and forget it when asked.

#include "ipc/messages/disconnect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome disconnect(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    bool forget = false;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    flags.boolean("forget", forget, "Forget a proxy that is kept: it does not come back.");
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name) return no_proxy_named();
    ipc::Disconnect::Request request;
    request.name = *name;
    if (forget) request.forget = true;
    const auto answer = call_agent<ipc::Disconnect>(request);
    if (!answer) return Failure{answer.error(), Attempt{"disconnect", "disconnect " + *name}};
    const std::string shown = printable(answer->proxy.name);
    std::string text =
        "Proxy " + shown +
        (answer->killed.value_or(false) ? " did not answer and was killed" : " has ended") +
        (answer->session_canceled ? ", its session is canceled.\n" : ".\n");
    if (answer->proxy.persistent.value_or(false) && !forget)
        text += "It is remembered: `agentctl reconnect " + printable(*name) +
                "` starts it again, and so does the next boot.\n";
    return Answer(std::move(text), json_line(*answer));
}

} // namespace agentctl
