// Authenticate: login with a name and a password.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Authenticate::Response>>
AgentCommands::handle(ipc::Authenticate::Request request, ipc::Progress<ipc::Authenticate>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    agent::core::Credentials credentials;
    credentials.auth_method_id = request.auth_method_id.value_or("");
    credentials.scope_id = request.scope_id.value_or("");
    credentials.login_name = std::move(request.login_name);
    credentials.password = std::move(request.password);
    credentials.store = request.store;
    auto done = co_await agent_.authenticate(std::move(*choice), std::move(credentials));
    if (!done) co_return done.error();
    ipc::Authenticate::Response response;
    response.status_code = done->reply.status;
    response.item = std::move(done->reply.item);
    response.stored = done->stored;
    if (done->stored) response.keyring = std::move(done->keyring);
    if (!done->warning.empty()) response.warning = std::move(done->warning);
    co_return response;
}

} // namespace agentd
