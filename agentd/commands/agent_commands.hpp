#pragma once
// AgentCommands: every verb of org.agentd.Agent, one file each in this folder: message → agent →
// message. Both faces hold it as ipc::AgentCommands; it decides nothing that src/agent could
// decide.

#include "agent/agent.hpp"
#include "base/unique_fd.hpp"
#include "ipc/messages/agent_commands.hpp"

#include <string>

namespace agentd {

class Configuration;
class ProxyTies;

class AgentCommands final : public ipc::AgentCommands {
  public:
    AgentCommands(agent::core::Agent& agent, Configuration& configuration, std::string socket_path);

    /// Where proxies are tied to processes; without it nobody can ask for that.
    void tie_with(ProxyTies& ties) { ties_ = &ties; }

#include "ipc/messages/agent_handlers.inc" // handle() of each verb

  private:
    /// choose_cluster() among the clusters that the agent knows.
    agent::Result<agent::core::ClusterChoice>
    cluster_choice(const std::optional<ipc::Cluster>& cluster) const;
    agent::core::Agent& agent_;
    /// The process that a call names; none where it names none.
    agent::Result<agent::UniqueFd> tied_process(std::optional<std::int64_t> pid) const;
    void tie(agent::UniqueFd process, std::optional<std::int64_t> pid, const ipc::Proxy& proxy);
    Configuration& configuration_;
    ProxyTies* ties_ = nullptr;
    std::string socket_path_;
    std::string started_;
};

} // namespace agentd
