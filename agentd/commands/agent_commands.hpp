#pragma once
// AgentCommands: every verb of org.agentd.Agent, one file each in this folder: message → agent →
// message. Both faces hold it as ipc::AgentCommands; it decides nothing that src/agent could
// decide.

#include "agent/agent.hpp"
#include "ipc/messages/agent_commands.hpp"

#include <string>

namespace agentd {

class Configuration;

class AgentCommands final : public ipc::AgentCommands {
  public:
    AgentCommands(agent::core::Agent& agent, Configuration& configuration, std::string socket_path);

#include "ipc/messages/agent_handlers.inc" // handle() of each verb

  private:
    /// choose_cluster() among the clusters that the agent knows.
    agent::Result<agent::core::ClusterChoice>
    cluster_choice(const std::optional<ipc::Cluster>& cluster) const;
    agent::core::Agent& agent_;
    Configuration& configuration_;
    std::string socket_path_;
    std::string started_;
};

} // namespace agentd
