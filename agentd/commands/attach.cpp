// Attach: follow one proxy until it ends. What changes while a reply is on its way is told in the
// next one.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Attach::Response>>
AgentCommands::handle(ipc::Attach::Request request, ipc::Progress<ipc::Attach>& progress) {
    const auto proxy = agent_.proxies().find(request.name);
    if (!proxy)
        co_return agent::fail(agent::Errc::proxy_not_found, agent::Hop::local,
                              "there is no proxy " + request.name, "agentctl list shows them");
    auto process = tied_process(request.ends_with_pid);
    if (!process) co_return process.error();
    tie(std::move(*process), request.ends_with_pid, to_message(proxy->status));
    ipc::Attach::Response response;
    while (progress.wants() && !proxy->ended()) {
        const auto told = proxy->revision;
        response.proxy = to_message(proxy->status);
        const auto sent = co_await progress.send(response);
        if (!sent) co_return sent.error();
        while (proxy->revision == told) co_await proxy->changed.wait();
    }
    response.proxy = to_message(proxy->status);
    co_return response;
}

} // namespace agentd
