// UseCluster: choose what is meant when no cluster is named.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::UseCluster::Response>>
AgentCommands::handle(ipc::UseCluster::Request request, ipc::Progress<ipc::UseCluster>&) {
    const auto used = agent_.clusters().use(request.name);
    if (!used) co_return used.error();
    agent_.events().publish(agent::core::EventKind::clusters_changed,
                            "the current cluster is " + request.name);
    co_return ipc::UseCluster::Response();
}

} // namespace agentd
