// AuthorizeSession: a session for a target.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::AuthorizeSession::Response>>
AgentCommands::handle(ipc::AuthorizeSession::Request request,
                      ipc::Progress<ipc::AuthorizeSession>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    const auto words = target_words(request);
    choice = co_await agent_.locate(std::move(*choice), words);
    if (!choice) co_return choice.error();
    auto reply = co_await agent_.authorize_session(std::move(*choice), words);
    if (!reply) co_return reply.error();
    ipc::AuthorizeSession::Response response;
    response.status_code = reply->status;
    response.item = std::move(reply->item);
    co_return response;
}

} // namespace agentd
