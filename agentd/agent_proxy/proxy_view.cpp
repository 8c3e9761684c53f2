#include "agentd/agent_proxy/proxy_view.hpp"

#include <unistd.h>

namespace agentd {

ipc::Proxy view(const agent::proxy::Proxy& proxy, const ipc::Serve::Request& told) {
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
    if (const auto* last =
            proxy.last_session()) { // what it leads to is known from the session before, too
        const auto& authorization = last->authorization();
        shown.target_id = authorization.target_id;
        shown.host_id = authorization.host_id;
        shown.endpoint = authorization.endpoint;
        shown.protocol = authorization.type;
        shown.connection_limit = authorization.connection_limit;
    }
    // A transient proxy ends with its session, and shows it to the last.
    const auto* session = proxy.persistent() ? proxy.session() : proxy.last_session();
    if (session != nullptr) {
        shown.session_id = session->id();
        shown.expiration = agent::format_rfc3339(session->expiration());
        if (session->left()) shown.connections_left = *session->left();
    }
    shown.connections_open = static_cast<std::int64_t>(ledger.open());
    shown.connections_total = static_cast<std::int64_t>(ledger.total());
    shown.connections_failed = static_cast<std::int64_t>(ledger.failures());
    shown.last_failure = ledger.last_failure();
    if (!ledger.client_failures().empty()) shown.client_failures.emplace();
    for (const auto& failure : ledger.client_failures())
        shown.client_failures->push_back(
            {failure.pid, static_cast<std::int64_t>(failure.number), failure.message});
    shown.bytes_up = static_cast<std::int64_t>(bytes.up);
    shown.bytes_down = static_cast<std::int64_t>(bytes.down);
    shown.authorized_here = told.authorized_here;
    shown.target = told.target;
    shown.persistent = proxy.persistent();
    shown.shared = told.shared.value_or(false);
    shown.eager = told.eager.value_or(false);
    shown.clients_waiting = static_cast<std::int64_t>(proxy.clients_waiting());
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
    case Change::session_wanted:
        return "session-wanted";
    case Change::session_given:
        return "session-given";
    case Change::session_ended:
        return "session-ended";
    case Change::session_lost:
        return "session-lost";
    case Change::limit_near:
        return "limit-near";
    case Change::port_blocked:
        return "port-blocked";
    }
    return "proxy-changed";
}

} // namespace agentd
