// Logout: delete the token at the controller and forget it.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Logout::Response>> AgentCommands::handle(ipc::Logout::Request request,
                                                                      ipc::Progress<ipc::Logout>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    auto done = co_await agent_.logout(std::move(*choice));
    if (!done) co_return done.error();
    ipc::Logout::Response response;
    response.status_code = done->status;
    response.found = done->found;
    if (!done->sessions.empty()) response.sessions = std::move(done->sessions);
    co_return response;
}

} // namespace agentd
