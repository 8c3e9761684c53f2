#include "agentd/agent_proxy/proxy_view.hpp"

#include <unistd.h>

namespace agentd {

ipc::Proxy view(const agent::proxy::Proxy& proxy, const ipc::Serve::Request& told) {
    const auto& authorization = proxy.authorization();
    const auto& ledger = proxy.ledger();
    const auto bytes = ledger.bytes();
    ipc::Proxy shown;
    shown.name = told.name;
    shown.state = agent::proxy::state_name(proxy.state());
    shown.reason = proxy.reason();
    shown.since = agent::format_rfc3339(proxy.since());
    shown.address = proxy.address();
    shown.port = proxy.port();
    shown.socket_path = proxy.socket_path().string();
    shown.pid = ::getpid();
    shown.cluster = told.cluster;
    shown.session_id = authorization.session_id;
    shown.target_id = authorization.target_id;
    shown.host_id = authorization.host_id;
    shown.endpoint = authorization.endpoint;
    shown.protocol = authorization.type;
    shown.expiration = agent::format_rfc3339(proxy.expiration());
    shown.connection_limit = authorization.connection_limit;
    if (ledger.left()) shown.connections_left = *ledger.left();
    shown.connections_open = static_cast<std::int64_t>(ledger.open());
    shown.connections_total = static_cast<std::int64_t>(ledger.total());
    shown.connections_failed = static_cast<std::int64_t>(ledger.failures());
    shown.last_failure = ledger.last_failure();
    shown.bytes_up = static_cast<std::int64_t>(bytes.up);
    shown.bytes_down = static_cast<std::int64_t>(bytes.down);
    shown.authorized_here = told.authorized_here;
    return shown;
}

std::string_view event_kind(agent::proxy::Change change) {
    using agent::proxy::Change;
    switch (change) {
    case Change::started:
        return "proxy-started";
    case Change::changed:
        return "proxy-changed";
    case Change::ended:
        return "proxy-ended";
    case Change::connection_opened:
        return "connection-opened";
    case Change::connection_closed:
        return "connection-closed";
    case Change::connection_failed:
        return "connection-failed";
    }
    return "proxy-changed";
}

} // namespace agentd
