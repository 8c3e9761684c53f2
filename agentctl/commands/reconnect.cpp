// reconnect NAME: a new session for a persistent proxy that waits for a person, or the start of a
// disconnected one.

#include "ipc/messages/reconnect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome reconnect(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name) return no_proxy_named();
    const auto answer = call_agent<ipc::Reconnect>({*name});
    if (!answer) return Failure{answer.error(), Attempt{"reconnect", "reconnect " + *name}};
    const ipc::Proxy& proxy = answer->proxy;
    return Answer("Proxy " + printable(proxy.name) + " listens on " +
                      (proxy.port == 0 ? proxy.socket_path : local_endpoint(proxy)) +
                      " with session " + printable(proxy.session_id) + ".\n",
                  json_line(*answer));
}

} // namespace agentctl
