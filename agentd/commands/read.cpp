// Read: one of the controller's resources.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Read::Response>> AgentCommands::handle(ipc::Read::Request request,
                                                                    ipc::Progress<ipc::Read>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    auto reply = co_await agent_.read(std::move(*choice), std::move(request.resource),
                                      std::move(request.id));
    if (!reply) co_return reply.error();
    ipc::Read::Response response;
    response.status_code = reply->status;
    response.item = std::move(reply->item);
    co_return response;
}

} // namespace agentd
