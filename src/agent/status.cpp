// Status: what the agent holds. Reads no network.

#include "agent/agent.hpp"

namespace agent::core {

awaitable<AgentStatus> Agent::status() {
    co_await logins_.ready();
    AgentStatus status;
    status.keyring = logins_.in_use();
    for (const auto& held : logins_.list()) {
        const auto login = parse_secret_json(held.value);
        if (!login) continue;
        LoginStatus one;
        one.cluster = held.key.address;
        one.token_name = held.key.token_name;
        one.token_id = string_member(*login, "id");
        one.user_id = string_member(*login, "user_id");
        one.auth_method_id = string_member(*login, "auth_method_id");
        one.expiration = string_member(*login, "expiration_time");
        one.keyring = held.keyring;
        const auto cluster = clusters_.at(held.key.address);
        if (cluster) one.cluster_name = cluster->name;
        status.logins.push_back(std::move(one));
    }
    status.memory_problem = store_.problem();
    for (const auto& [name, proxy] : proxies_.all()) {
        ++status.proxies;
        status.connections_open += proxy->status.connections_open;
    }
    co_return status;
}

} // namespace agent::core
