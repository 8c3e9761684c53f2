// AddCluster: give a controller a name.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::AddCluster::Response>>
AgentCommands::handle(ipc::AddCluster::Request request, ipc::Progress<ipc::AddCluster>&) {
    if (!request.cluster.address)
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "cluster.address is missing");
    request.cluster.name.reset();
    request.cluster.timeout_ms.reset(); // of this call, not of the cluster
    request.cluster.max_retries.reset();
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    const auto added = agent_.clusters().add(request.name, choice->settings);
    if (!added) co_return added.error();
    if (request.use.value_or(false)) {
        const auto used = agent_.clusters().use(request.name);
        if (!used) co_return used.error();
    }
    agent_.events().publish(agent::core::EventKind::clusters_changed,
                            "there is a cluster " + request.name);
    co_return ipc::AddCluster::Response();
}

} // namespace agentd
