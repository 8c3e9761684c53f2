#include "agent/proxy/route.hpp"

#include <algorithm>
#include <array>

namespace agent::core {

std::string route_of(const ClusterChoice& choice, const ConnectOptions& options) {
    if (choice.token || !options.authorization_token.empty()) return {};
    const std::string login = choice.use_stored_login ? choice.token_name : "none";
    const TargetOptions& to = options.target;
    std::string route = choice.settings.address;
    for (const std::string& part :
         {login, to.target, to.target_name, to.scope_id, to.scope_name, to.host_id})
        route += '\n' + part;
    return route;
}

bool takes_connections(const ProxyStatus& status) {
    constexpr std::array open{ProxyState::idle, ProxyState::authorizing, ProxyState::ready,
                              ProxyState::busy};
    return std::ranges::find(open, status.state) != open.end() &&
           status.connections_left.value_or(-1) != 0;
}

bool leads_there(const ManagedProxy& proxy, const ClusterChoice& choice,
                 const ConnectOptions& options) {
    if (proxy.ended() || proxy.session_over() || !takes_connections(proxy.status)) return false;
    const std::string route = route_of(choice, options);
    if (route.empty() || !proxy.status.authorized_here) return false;
    if (proxy.route == route) return true;
    const std::string login = choice.use_stored_login ? choice.token_name : "none";
    if (!proxy.settings || proxy.settings->address != choice.settings.address ||
        proxy.token_name != login)
        return false;
    const TargetOptions& to = options.target;
    return !to.target.empty() && to.target == proxy.status.target_id &&
           (to.host_id.empty() || to.host_id == proxy.status.host_id);
}

} // namespace agent::core
