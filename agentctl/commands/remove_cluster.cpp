// clusters remove NAME: forget a cluster.

#include "ipc/messages/remove_cluster.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int remove_cluster(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name)
        return bad_usage("the cluster's name is missing", begun.format,
                         "`agentctl clusters list` shows the known ones.");
    ipc::RemoveCluster::Request request;
    request.name = *name;
    const auto answer = call_agent<ipc::RemoveCluster>(request);
    if (!answer)
        return report(answer.error(), {"remove cluster", "remove the cluster"}, begun.format);
    print_out(begun.format == Format::json ? "{}\n" : "Cluster " + *name + " is forgotten.\n");
    return 0;
}

} // namespace agentctl
