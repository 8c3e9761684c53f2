#pragma once
// ReloadCommand: org.agentd.Configuration, which has one verb. daemon.cpp puts it behind the agent's socket.

#include "agentd/configuration.hpp"
#include "ipc/messages/configuration_commands.hpp"

namespace agentd {

class ReloadCommand final : public ipc::ConfigurationCommands {
  public:
    explicit ReloadCommand(Configuration& configuration) : configuration_(configuration) {}

    boost::asio::awaitable<agent::Result<ipc::Reload::Response>> handle(ipc::Reload::Request request,
                                                                        ipc::Progress<ipc::Reload>& progress) override;

  private:
    Configuration& configuration_;
};

} // namespace agentd
