#include "agentd/launcher/proxy_reader.hpp"

#include <utility>

namespace agentd {

using namespace agent::core;

namespace {

/// A newer agent-proxy may have more of them.
ReasonCode reason_code_in(const std::string& text) {
    return agent::model::from_name<ReasonCode>(text).value_or(ReasonCode::other);
}

agent::model::ClientFailure failure_in(const ipc::ClientFailure& message) {
    agent::model::ClientFailure failure;
    failure.pid = message.pid;
    failure.number = message.number;
    failure.message = message.message;
    if (message.code) {
        failure.code = agent::errc_from_name(*message.code);
        failure.hop = agent::hop_from_name(message.hop.value_or(""));
        failure.time = message.time.value_or("");
    } else {
        old_failure(failure);
    }
    return failure;
}

} // namespace

ProxyStatus ProxyReader::status_in(const ipc::Proxy& proxy) {
    ProxyStatus status;
    status.name = proxy.name;
    status.state = agent::model::from_name<ProxyState>(proxy.state).value_or(ProxyState::starting);
    status.reason = proxy.reason;
    status.since = proxy.since;
    status.address = proxy.address;
    status.port = proxy.port;
    status.socket_path = proxy.socket_path;
    status.pid = proxy.pid;
    status.cluster = proxy.cluster;
    status.session_id = proxy.session_id;
    status.target_id = proxy.target_id;
    status.host_id = proxy.host_id;
    status.endpoint = proxy.endpoint;
    status.protocol = proxy.protocol;
    status.expiration = proxy.expiration;
    status.connection_limit = proxy.connection_limit;
    status.connections_left = proxy.connections_left;
    status.connections_open = proxy.connections_open;
    status.connections_total = proxy.connections_total;
    status.connections_failed = proxy.connections_failed;
    status.last_failure.message = proxy.last_failure;
    status.bytes_up = proxy.bytes_up;
    status.bytes_down = proxy.bytes_down;
    status.authorized_here = proxy.authorized_here;
    status.target = proxy.target.value_or(
        ""); // what follows is missing in those of agent-proxies of protocol 1
    status.persistent = proxy.persistent.value_or(false);
    status.shared = proxy.shared.value_or(false);
    status.eager = proxy.eager.value_or(false);
    status.clients_waiting = proxy.clients_waiting.value_or(0);
    if (proxy.client_failures)
        for (const auto& failure : *proxy.client_failures)
            status.client_failures.push_back(failure_in(failure));
    if (proxy.reason_code) {
        status.reason_code = reason_code_in(*proxy.reason_code);
        status.last_failure.code = agent::errc_from_name(proxy.failure_code.value_or(""));
        status.last_failure.hop = agent::hop_from_name(proxy.failure_hop.value_or(""));
        status.last_failure.time = proxy.failure_time.value_or("");
        status.failing = proxy.failing.value_or(false);
    } else {
        old_.complete(status);
    }
    return status;
}

ProxyChange ProxyReader::change_in(ipc::Subscribe::Response reply) {
    ProxyChange change;
    change.kind = agent::model::from_name<EventKind>(reply.kind).value_or(EventKind::other);
    const bool old = !reply.proxy.reason_code;
    if (old) old_.take(change.kind);
    change.proxy = status_in(reply.proxy);
    if (reply.reason_code)
        change.reason_code = reason_code_in(*reply.reason_code);
    else if (old)
        change.reason_code = old_reason(change.proxy.state, reply.message);
    change.message = std::move(reply.message);
    change.session_id = reply.session_id.value_or("");
    return change;
}

} // namespace agentd
