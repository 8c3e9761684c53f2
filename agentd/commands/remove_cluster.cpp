// RemoveCluster: forget a cluster.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::RemoveCluster::Response>>
AgentCommands::handle(ipc::RemoveCluster::Request request, ipc::Progress<ipc::RemoveCluster>&) {
    const auto removed = co_await agent::core::verbs::remove_cluster(
        agent_.logins(), agent_.clusters(), agent_.proxies(), request.name);
    if (!removed) co_return removed.error();
    agent_.events().publish(agent::core::EventKind::clusters_changed,
                            "there is no cluster " + request.name + " any more");
    co_return ipc::RemoveCluster::Response();
}

} // namespace agentd
