// Watch: events as they happen, until the caller goes.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Watch::Response>>
AgentCommands::handle(ipc::Watch::Request, ipc::Progress<ipc::Watch>& progress) {
    agent::core::EventHub::Watcher watcher(agent_.events());
    for (;;) {
        const auto event = co_await watcher.next();
        ipc::Watch::Response response;
        response.event = to_message(event);
        const auto sent = co_await progress.send(std::move(response));
        if (!sent) co_return sent.error();
    }
}

} // namespace agentd
