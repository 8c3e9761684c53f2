// ListClusters: the clusters with names, and the logins held.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::ListClusters::Response>>
AgentCommands::handle(ipc::ListClusters::Request, ipc::Progress<ipc::ListClusters>&) {
    ipc::ListClusters::Response response;
    auto states = co_await agent::core::verbs::cluster_states(agent_.logins(), agent_.clusters());
    for (auto& one : states) response.clusters.push_back(to_message(std::move(one)));
    co_return response;
}

} // namespace agentd
