// Why: what stands between a proxy and its target.

#include "agentd/commands/agent_commands.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Why::Response>> AgentCommands::handle(ipc::Why::Request request,
                                                                   ipc::Progress<ipc::Why>&) {
    auto why = agent_.why(std::move(request.name));
    if (!why) co_return why.error();
    ipc::Why::Response response;
    response.name = std::move(why->name);
    response.state = name_of(why->state);
    response.reason_code = name_of(why->reason_code);
    response.since = std::move(why->since);
    if (why->hop) response.hop = agent::hop_name(*why->hop);
    response.explanation = std::move(why->explanation);
    response.next_step = std::move(why->next_step);
    for (auto& one : why->history) {
        ipc::Event event;
        event.time = std::move(one.time);
        event.kind = std::move(one.kind);
        event.message = std::move(one.message);
        response.history.push_back(std::move(event));
    }
    co_return response;
}

} // namespace agentd
