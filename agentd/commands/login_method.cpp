// LoginMethod: how one logs in to a cluster.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::LoginMethod::Response>>
AgentCommands::handle(ipc::LoginMethod::Request request, ipc::Progress<ipc::LoginMethod>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    const std::string address = choice->settings.address;
    std::string method = request.auth_method_id.value_or("");
    std::string scope = request.scope_id.value_or("");
    auto found = co_await agent::core::verbs::login_method(agent_.controllers(), std::move(*choice),
                                                           std::move(method), std::move(scope));
    if (!found) co_return found.error();
    ipc::LoginMethod::Response response;
    response.id = std::move(found->id);
    response.type = std::move(found->type);
    response.name = std::move(found->name);
    response.scope_id = std::move(found->scope_id);
    response.address = address;
    response.supported = found->supported;
    co_return response;
}

} // namespace agentd
