// Reconnect: a person wants a persistent proxy to have a session now.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Reconnect::Response>>
AgentCommands::handle(ipc::Reconnect::Request request, ipc::Progress<ipc::Reconnect>&) {
    auto proxy = co_await agent_.reconnect(std::move(request.name));
    if (!proxy) co_return proxy.error();
    ipc::Reconnect::Response response;
    response.proxy = to_message(*proxy);
    co_return response;
}

} // namespace agentd
