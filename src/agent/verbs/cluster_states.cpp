// The clusters that have names with the logins held for them, then the logins at addresses without
// a name. Reads no network.

#include "agent/verbs/verbs.hpp"

#include <algorithm>

namespace agent::core::verbs {

awaitable<std::vector<ClusterStatus>> cluster_states(keyring::Logins& logins,
                                                     const Clusters& clusters) {
    co_await logins.ready();
    auto held = logins.list();
    // the login of the usual name speaks for the cluster
    std::ranges::stable_sort(held, {},
                             [](const auto& login) { return login.key.token_name != "default"; });
    const auto describe = [](ClusterStatus& status, const keyring::Logins::Held& login) {
        const auto object = parse_secret_json(login.value);
        if (!object) return;
        status.state = ClusterState::signed_in;
        status.user_id = string_member(*object, "user_id");
        status.signed_in_as = string_member(*object, "agentd_login_name", status.user_id);
        status.expiration = string_member(*object, "expiration_time");
        status.token_name = login.key.token_name;
    };
    std::vector<ClusterStatus> states;
    for (const auto& cluster : clusters.list()) {
        ClusterStatus status;
        status.name = cluster.name;
        status.address = cluster.settings.address;
        status.declared = cluster.declared;
        status.current = cluster.current;
        const auto login = std::ranges::find_if(
            held, [&](const auto& one) { return one.key.address == cluster.settings.address; });
        if (login != held.end()) describe(status, *login);
        states.push_back(std::move(status));
    }
    for (const auto& login : held) {
        const bool known = std::ranges::any_of(
            states, [&](const auto& one) { return one.address == login.key.address; });
        if (known) continue;
        ClusterStatus status;
        status.address = login.key.address;
        describe(status, login);
        states.push_back(std::move(status));
    }
    co_return states;
}

awaitable<Status> remove_cluster(keyring::Logins& logins, Clusters& clusters,
                                 const Proxies& proxies, std::string name) {
    const auto cluster = clusters.find(name);
    if (!cluster) co_return cluster.error();
    co_await logins.ready();
    for (const auto& login : logins.list())
        if (login.key.address == cluster->settings.address)
            co_return fail(Errc::invalid_argument, Hop::login,
                           "the agent is signed in to the cluster " + name,
                           "log out first: agentctl logout -cluster " + name + " -token-name " +
                               login.key.token_name);
    for (const auto& [proxy_name, proxy] : proxies.all())
        if (proxy->status.cluster == cluster->settings.address)
            co_return fail(Errc::invalid_argument, Hop::local,
                           "the proxy " + proxy_name + " belongs to the cluster " + name,
                           "end it first: agentctl disconnect " + proxy_name);
    co_return clusters.remove(name);
}

} // namespace agent::core::verbs
