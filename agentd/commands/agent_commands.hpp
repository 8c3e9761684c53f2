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

    boost::asio::awaitable<agent::Result<ipc::Status::Response>>
    handle(ipc::Status::Request request, ipc::Progress<ipc::Status>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Authenticate::Response>>
    handle(ipc::Authenticate::Request request, ipc::Progress<ipc::Authenticate>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Logout::Response>>
    handle(ipc::Logout::Request request, ipc::Progress<ipc::Logout>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::List::Response>>
    handle(ipc::List::Request request, ipc::Progress<ipc::List>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Read::Response>>
    handle(ipc::Read::Request request, ipc::Progress<ipc::Read>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Delete::Response>>
    handle(ipc::Delete::Request request, ipc::Progress<ipc::Delete>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::AuthorizeSession::Response>>
    handle(ipc::AuthorizeSession::Request request,
           ipc::Progress<ipc::AuthorizeSession>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::CancelSession::Response>>
    handle(ipc::CancelSession::Request request,
           ipc::Progress<ipc::CancelSession>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Connect::Response>>
    handle(ipc::Connect::Request request, ipc::Progress<ipc::Connect>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::ListProxies::Response>>
    handle(ipc::ListProxies::Request request, ipc::Progress<ipc::ListProxies>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Attach::Response>>
    handle(ipc::Attach::Request request, ipc::Progress<ipc::Attach>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Disconnect::Response>>
    handle(ipc::Disconnect::Request request, ipc::Progress<ipc::Disconnect>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Reconnect::Response>>
    handle(ipc::Reconnect::Request request, ipc::Progress<ipc::Reconnect>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Why::Response>>
    handle(ipc::Why::Request request, ipc::Progress<ipc::Why>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Watch::Response>>
    handle(ipc::Watch::Request request, ipc::Progress<ipc::Watch>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::ListClusters::Response>>
    handle(ipc::ListClusters::Request request, ipc::Progress<ipc::ListClusters>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::AddCluster::Response>>
    handle(ipc::AddCluster::Request request, ipc::Progress<ipc::AddCluster>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::RemoveCluster::Response>>
    handle(ipc::RemoveCluster::Request request,
           ipc::Progress<ipc::RemoveCluster>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::UseCluster::Response>>
    handle(ipc::UseCluster::Request request, ipc::Progress<ipc::UseCluster>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::LoginMethod::Response>>
    handle(ipc::LoginMethod::Request request, ipc::Progress<ipc::LoginMethod>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::ListKeyrings::Response>>
    handle(ipc::ListKeyrings::Request request, ipc::Progress<ipc::ListKeyrings>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::MoveLogins::Response>>
    handle(ipc::MoveLogins::Request request, ipc::Progress<ipc::MoveLogins>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Forward::Response>>
    handle(ipc::Forward::Request request, ipc::Progress<ipc::Forward>& progress) override;
    boost::asio::awaitable<agent::Result<ipc::Reload::Response>>
    handle(ipc::Reload::Request request, ipc::Progress<ipc::Reload>& progress) override;

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
