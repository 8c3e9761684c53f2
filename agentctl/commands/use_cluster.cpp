// clusters use NAME: what is meant when no cluster is named.

#include "ipc/messages/use_cluster.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome use_cluster(const Invocation& invocation) {
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
    ipc::UseCluster::Request request;
    request.name = *name;
    const auto answer = call_agent<ipc::UseCluster>(request);
    if (!answer) return Failure{answer.error(), Attempt{"use cluster", "use the cluster"}};
    return Answer("Commands that name no cluster now go to " + *name + ".\n", json_line(*answer));
}

} // namespace agentctl
