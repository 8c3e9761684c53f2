// Status: what the agent holds. Reads no network.

#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {

awaitable<AgentStatus> status(keyring::Logins& logins, const Clusters& clusters,
                              const state::StateStore& store, const Proxies& proxies) {
    co_await logins.ready();
    AgentStatus status;
    status.keyring = logins.in_use();
    for (const auto& held : logins.list()) {
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
        const auto cluster = clusters.at(held.key.address);
        if (cluster) one.cluster_name = cluster->name;
        status.logins.push_back(std::move(one));
    }
    status.memory_problem = store.problem();
    for (const auto& [name, proxy] : proxies.all()) {
        ++status.proxies;
        status.connections_open += proxy->status.connections_open;
    }
    co_return status;
}

} // namespace agent::core::verbs
