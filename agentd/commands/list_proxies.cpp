// ListProxies: the running proxies, by name.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::ListProxies::Response>> AgentCommands::handle(ipc::ListProxies::Request,
                                                                           ipc::Progress<ipc::ListProxies>&) {
    ipc::ListProxies::Response response;
    for (const auto& [name, proxy] : agent_.proxies().all()) response.proxies.push_back(to_message(proxy->status));
    co_return response;
}

} // namespace agentd
