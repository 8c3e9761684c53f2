// ListProxies: the running proxies, by name.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/byte_counts.hpp"
#include "agentd/commands/translate.hpp"

#include <algorithm>
#include <filesystem>

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::ListProxies::Response>>
AgentCommands::handle(ipc::ListProxies::Request request, ipc::Progress<ipc::ListProxies>&) {
    const auto& running = agent_.proxies().all();
    const bool carrying = std::ranges::any_of(
        running, [](const auto& one) { return one.second->status.connections_open > 0; });
    std::map<std::int64_t, ByteCounts> counts;
    if (request.fresh.value_or(false) && carrying) {
        std::string folder = std::filesystem::path(socket_path_).parent_path() / "proxies";
        counts = co_await read_byte_counts(std::move(folder));
    }
    ipc::ListProxies::Response response; // as it is after the wait
    for (const auto& [name, proxy] : running) {
        ipc::Proxy& told = response.proxies.emplace_back(to_message(proxy->status));
        const auto now = counts.find(told.pid);
        if (now == counts.end()) continue;
        told.bytes_up = std::max(told.bytes_up, now->second.up);
        told.bytes_down = std::max(told.bytes_down, now->second.down);
    }
    co_return response;
}

} // namespace agentd
