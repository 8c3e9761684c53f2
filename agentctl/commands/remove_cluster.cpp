// clusters remove NAME: forget a cluster.

#include "ipc/messages/remove_cluster.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome remove_cluster(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name)
        return bad_usage("the cluster's name is missing",
                         "`agentctl clusters list` shows the known ones.");
    ipc::RemoveCluster::Request request;
    request.name = *name;
    const auto answer = call_agent<ipc::RemoveCluster>(request);
    if (!answer) return Failure{answer.error(), Attempt{"remove cluster", "remove the cluster"}};
    return Answer("Cluster " + *name + " is forgotten.\n", json_line(*answer));
}

} // namespace agentctl
