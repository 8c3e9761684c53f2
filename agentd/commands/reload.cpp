// Reload: read config.toml again and apply what differs.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/configuration.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Reload::Response>> AgentCommands::handle(ipc::Reload::Request,
                                                                      ipc::Progress<ipc::Reload>&) {
    auto reloaded = co_await configuration_.reload();
    if (!reloaded) co_return reloaded.error();
    ipc::Reload::Response response;
    response.file = std::move(reloaded->file);
    response.clusters = static_cast<std::int64_t>(reloaded->clusters);
    response.added = std::move(reloaded->proxies.added);
    response.changed = std::move(reloaded->proxies.changed);
    response.removed = std::move(reloaded->proxies.removed);
    co_return response;
}

} // namespace agentd
