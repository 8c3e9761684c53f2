// clusters add NAME -addr ADDRESS: give a controller a name.

#include "ipc/messages/add_cluster.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int add_cluster(const Invocation& invocation) {
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
        return bad_usage("the cluster's name is missing", begun.format,
                         "agentctl clusters add NAME -addr https://…");
    if (!begun.cluster.address)
        return bad_usage("the cluster's address is missing", begun.format,
                         "Give -addr https://HOST:PORT.");
    ipc::AddCluster::Request request;
    request.name = *name;
    request.cluster = std::move(begun.cluster);
    if (use) request.use = true;
    const std::string address = *request.cluster.address;
    const auto answer = call_agent<ipc::AddCluster>(request);
    if (!answer) return report(answer.error(), {"add cluster", "add the cluster"}, begun.format);
    if (begun.format == Format::json)
        print_out("{}\n");
    else
        print_out("Cluster " + *name + " is " + address + ". Log in: agentctl login " + *name +
                  "\n");
    return 0;
}

} // namespace agentctl
