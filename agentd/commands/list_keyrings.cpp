// ListKeyrings: where logins can be kept.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::ListKeyrings::Response>>
AgentCommands::handle(ipc::ListKeyrings::Request, ipc::Progress<ipc::ListKeyrings>&) {
    co_await agent_.logins().ready();
    ipc::ListKeyrings::Response response;
    for (auto& one : agent_.logins().keyrings()) {
        ipc::KeyringState keyring;
        keyring.name = std::move(one.name);
        keyring.in_use = one.in_use;
        keyring.locked = one.locked;
        keyring.unusable = std::move(one.unusable);
        keyring.logins = one.logins;
        response.keyrings.push_back(std::move(keyring));
    }
    co_return response;
}

} // namespace agentd
