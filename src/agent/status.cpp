// Status: what the agent holds. Reads no network.

#include "agent/agent.hpp"

namespace agent::core {

AgentStatus Agent::status() {
    AgentStatus status;
    status.keyring = std::string(keyring_.name());
    for (const auto& key : keyring_.list()) {
        const auto stored = keyring_.load(key);
        if (!stored || !stored->has_value()) continue;
        const auto login = parse_json((*stored)->reveal());
        if (!login) continue;
        LoginStatus one;
        one.cluster = key.address;
        one.token_name = key.token_name;
        one.token_id = string_member(*login, "id");
        one.user_id = string_member(*login, "user_id");
        one.auth_method_id = string_member(*login, "auth_method_id");
        one.expiration = string_member(*login, "expiration_time");
        status.logins.push_back(std::move(one));
    }
    for (const auto& [name, proxy] : proxies_.all()) {
        ++status.proxies;
        status.connections_open += proxy->status.connections_open;
    }
    return status;
}

} // namespace agent::core
