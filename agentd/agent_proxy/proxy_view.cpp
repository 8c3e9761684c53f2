#include "agentd/agent_proxy/proxy_view.hpp"

#include <unistd.h>

namespace agentd {

ipc::Proxy view(const agent::proxy::Proxy& proxy, const ipc::Serve::Request& told,
                const agent::model::ProxySettings& settings) {
    const auto& ledger = proxy.ledger();
    const auto bytes = ledger.bytes();
    ipc::Proxy shown;
    shown.name = told.name;
    shown.state = name_of(proxy.state());
    shown.reason = proxy.reason();
    shown.reason_code = name_of(proxy.reason_code());
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
    if (ledger.failures() > 0) {
        const auto& newest = ledger.newest_failure();
        shown.failure_code = agent::errc_name(newest.code);
        shown.failure_hop = agent::hop_name(newest.hop);
        shown.failure_time = newest.time;
        shown.failing = ledger.failing();
    }
    if (!ledger.client_failures().empty()) shown.client_failures.emplace();
    for (const auto& failure : ledger.client_failures()) {
        ipc::ClientFailure& one = shown.client_failures->emplace_back();
        one.pid = failure.pid;
        one.number = failure.number;
        one.message = failure.message;
        one.code = agent::errc_name(failure.code);
        one.hop = agent::hop_name(failure.hop);
        one.time = failure.time;
    }
    shown.bytes_up = static_cast<std::int64_t>(bytes.up);
    shown.bytes_down = static_cast<std::int64_t>(bytes.down);
    shown.authorized_here = told.authorized_here;
    shown.target = told.target;
    shown.persistent = proxy.persistent();
    shown.shared = settings.shared;
    shown.eager = settings.eager;
    shown.clients_waiting = static_cast<std::int64_t>(proxy.clients_waiting());
    return shown;
}

std::string_view event_kind(agent::proxy::Change change) {
    using agent::model::EventKind;
    using agent::proxy::Change;
    const auto kind = [change] {
        switch (change) {
        case Change::started:
            return EventKind::proxy_started;
        case Change::changed:
            return EventKind::proxy_changed;
        case Change::ended:
            return EventKind::proxy_ended;
        case Change::connection_opened:
            return EventKind::connection_opened;
        case Change::connection_closed:
            return EventKind::connection_closed;
        case Change::connection_failed:
            return EventKind::connection_failed;
        case Change::connection_recovered:
            return EventKind::connection_recovered;
        case Change::session_wanted:
            return EventKind::session_wanted;
        case Change::session_given:
            return EventKind::session_given;
        case Change::session_ended:
            return EventKind::session_ended;
        case Change::session_lost:
            return EventKind::session_lost;
        case Change::limit_near:
            return EventKind::limit_near;
        case Change::port_blocked:
            return EventKind::port_blocked;
        }
        return EventKind::proxy_changed;
    };
    return name_of(kind());
}

} // namespace agentd
