// Disconnect: end a proxy and its session.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Disconnect::Response>>
AgentCommands::handle(ipc::Disconnect::Request request, ipc::Progress<ipc::Disconnect>&) {
    auto done = co_await agent_.disconnect(std::move(request.name), request.forget.value_or(false));
    if (!done) co_return done.error();
    ipc::Disconnect::Response response;
    response.proxy = to_message(done->proxy);
    response.session_canceled = done->session_canceled;
    if (done->killed) response.killed = true;
    co_return response;
}

} // namespace agentd
