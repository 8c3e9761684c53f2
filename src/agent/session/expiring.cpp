#include "agent/session/expiring.hpp"

#include "base/json.hpp"

#include <algorithm>

namespace agent::core {
namespace {

std::ptrdiff_t sessions_of(const keyring::Key& login, const Proxies& proxies) {
    return std::ranges::count_if(proxies.all(), [&](const auto& one) {
        const ManagedProxy& proxy = *one.second;
        return proxy.settings && proxy.settings->address == login.address &&
               proxy.token_name == login.token_name && !proxy.held_session.empty();
    });
}

} // namespace

awaitable<std::vector<Expiring>> expiring(keyring::Logins& logins, const Proxies& proxies) {
    co_await logins.ready();
    std::vector<Expiring> all;
    for (const auto& held : logins.list()) {
        const auto login = parse_secret_json(held.value);
        if (!login) continue;
        Expiring& one = all.emplace_back();
        one.key = "login " + string_member(*login, "id");
        one.what = "login " + held.key.token_name + " at " + held.key.address;
        one.expiration = string_member(*login, "expiration_time");
        one.next_step = "agentctl authenticate, with -addr " + held.key.address;
        const auto sessions = sessions_of(held.key, proxies);
        if (sessions > 0)
            one.next_step += "; " + std::to_string(sessions) + " sessions of proxies end with it";
    }
    for (const auto& [name, proxy] : proxies.all()) {
        const ProxyStatus& shown = proxy->status;
        if (shown.session_id.empty()) continue;
        Expiring& one = all.emplace_back();
        one.key = "session " + shown.session_id;
        one.what = "session " + shown.session_id + " of proxy " + name;
        one.expiration = shown.expiration;
        one.next_step =
            proxy->persistent()
                ? "its connections are cut then; new ones get a new session"
                : "its connections are cut then, and the proxy ends: agentctl connect again";
        one.proxy = shown;
    }
    co_return all;
}

} // namespace agent::core
