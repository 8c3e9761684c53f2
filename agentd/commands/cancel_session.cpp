// CancelSession: cancel a session at the controller.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::CancelSession::Response>>
AgentCommands::handle(ipc::CancelSession::Request request, ipc::Progress<ipc::CancelSession>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    auto reply =
        co_await agent_.cancel_session(std::move(*choice), std::move(request.id), request.version);
    if (!reply) co_return reply.error();
    ipc::CancelSession::Response response;
    response.status_code = reply->status;
    response.item = std::move(reply->item);
    co_return response;
}

} // namespace agentd
