// MoveLogins: keep every login in another keyring, and later ones as well.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::MoveLogins::Response>>
AgentCommands::handle(ipc::MoveLogins::Request request, ipc::Progress<ipc::MoveLogins>&) {
    auto moved = co_await agent_.logins().move(std::move(request.keyring));
    if (!moved) co_return moved.error();
    ipc::MoveLogins::Response response;
    response.moved = *moved;
    co_return response;
}

} // namespace agentd
