// clusters add NAME -addr ADDRESS: give a controller a name.

#include "ipc/messages/add_cluster.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome add_cluster(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    bool use = false;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    flags.boolean("use", use, "Make it the cluster that is meant when none is named.");
    client.add_to(flags, false);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name)
        return bad_usage("the cluster's name is missing",
                         "agentctl clusters add NAME -addr https://…");
    if (!begun.cluster.address)
        return bad_usage("the cluster's address is missing", "Give -addr https://HOST:PORT.");
    ipc::AddCluster::Request request;
    request.name = *name;
    request.cluster = std::move(begun.cluster);
    if (use) request.use = true;
    const std::string address = *request.cluster.address;
    const auto answer = call_agent<ipc::AddCluster>(request);
    if (!answer) return Failure{answer.error(), Attempt{"add cluster", "add the cluster"}};
    return Answer("Cluster " + *name + " is " + address + ". Log in: agentctl login " + *name +
                      "\n",
                  json_line(*answer));
}

} // namespace agentctl
