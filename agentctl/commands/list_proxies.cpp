// list: the running proxies.

#include "ipc/messages/list_proxies.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/proxy_text.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome list_proxies(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    ipc::ListProxies::Request request;
    request.fresh = true;
    const auto answer = call_agent<ipc::ListProxies>(request);
    if (!answer) return Failure{answer.error(), Attempt{"list", "list proxies"}};
    return Answer(proxies_table(answer->proxies), items_line(answer->proxies));
}

} // namespace agentctl
