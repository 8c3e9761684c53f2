// list: the running proxies.

#include "ipc/messages/list_proxies.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/proxy_text.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int list_proxies(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    ipc::ListProxies::Request request;
    request.fresh = true;
    const auto answer = call_agent<ipc::ListProxies>(request);
    if (!answer) return report(answer.error(), {"list", "list proxies"}, begun.format);
    if (begun.format == Format::table) {
        print_out(proxies_table(answer->proxies));
        return 0;
    }
    agent::Json items = nullptr; // as the controller's empty lists are printed
    for (const auto& proxy : answer->proxies) items.push_back(ipc::to_json(proxy));
    agent::Json object = agent::Json::object();
    object["items"] = std::move(items);
    print_out(agent::dump_json(object) + '\n');
    return 0;
}

} // namespace agentctl
