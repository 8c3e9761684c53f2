// Status: what the agent is and holds.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"
#include "base/time.hpp"

#include <unistd.h>

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Status::Response>> AgentCommands::handle(ipc::Status::Request,
                                                                      ipc::Progress<ipc::Status>&) {
    const auto status = co_await agent::core::verbs::status(agent_.logins(), agent_.clusters(),
                                                            agent_.store(), agent_.proxies());
    ipc::Status::Response response;
    response.version = AGENT_VERSION;
    response.pid = ::getpid();
    response.started = started_;
    response.socket = socket_path_;
    response.keyring = status.keyring;
    for (const auto& login : status.logins) {
        ipc::Login message;
        message.cluster = login.cluster;
        message.token_name = login.token_name;
        message.token_id = login.token_id;
        message.user_id = login.user_id;
        message.auth_method_id = login.auth_method_id;
        message.expiration = login.expiration;
        if (!login.cluster_name.empty()) message.cluster_name = login.cluster_name;
        message.keyring = login.keyring;
        response.logins.push_back(std::move(message));
    }
    if (!status.memory_problem.empty()) response.memory_problem = status.memory_problem;
    response.proxies = status.proxies;
    response.connections_open = status.connections_open;
    co_return response;
}

agent::Result<agent::core::ClusterChoice>
AgentCommands::cluster_choice(const std::optional<ipc::Cluster>& cluster) const {
    return choose_cluster(cluster, agent_.clusters());
}

AgentCommands::AgentCommands(agent::core::Agent& agent, Configuration& configuration,
                             std::string socket_path)
    : agent_(agent), configuration_(configuration), socket_path_(std::move(socket_path)),
      started_(agent::format_rfc3339(agent::wall_now())) {}

} // namespace agentd
