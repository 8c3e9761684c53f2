// Delete: one of the controller's resources.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Delete::Response>> AgentCommands::handle(ipc::Delete::Request request,
                                                                      ipc::Progress<ipc::Delete>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    auto status = co_await agent_.delete_resource(std::move(*choice), std::move(request.resource),
                                                  std::move(request.id));
    if (!status) co_return status.error();
    ipc::Delete::Response response;
    response.status_code = *status;
    co_return response;
}

} // namespace agentd
