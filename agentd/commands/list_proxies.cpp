// ListProxies: the running proxies, by name.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/byte_counts.hpp"
#include "agentd/commands/translate.hpp"

#include <filesystem>

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::ListProxies::Response>> AgentCommands::handle(ipc::ListProxies::Request request,
                                                                           ipc::Progress<ipc::ListProxies>&) {
    ipc::ListProxies::Response response;
    for (const auto& [name, proxy] : agent_.proxies().all()) response.proxies.push_back(to_message(proxy->status));
    if (request.fresh.value_or(false)) {
        std::string folder = std::filesystem::path(socket_path_).parent_path() / "proxies";
        co_await read_byte_counts(std::move(folder), response.proxies);
    }
    co_return response;
}

} // namespace agentd
