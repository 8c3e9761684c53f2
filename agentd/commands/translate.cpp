#include "agentd/commands/translate.hpp"

namespace agentd {

using agent::core::ClusterChoice;
using agent::core::ProxyStatus;

agent::Result<ClusterChoice> cluster_choice(const std::optional<ipc::Cluster>& cluster) {
    const ipc::Cluster words = cluster.value_or(ipc::Cluster());
    auto settings = agent::controller::settings_for(words.address.value_or(agent::controller::default_address));
    if (!settings) return settings.error();
    if (words.timeout_ms && (*words.timeout_ms < 1 || *words.timeout_ms > 3'600'000))
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                           "cluster.timeout_ms must be between 1 and 3600000");
    if (words.max_retries && (*words.max_retries < 0 || *words.max_retries > 100))
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                           "cluster.max_retries must be between 0 and 100");
    settings->ca_cert = words.ca_cert.value_or("");
    settings->ca_path = words.ca_path.value_or("");
    settings->client_cert = words.client_cert.value_or("");
    settings->client_key = words.client_key.value_or("");
    settings->tls_server_name = words.tls_server_name.value_or("");
    settings->tls_insecure = words.tls_insecure.value_or(false);
    if (words.timeout_ms) settings->timeout = std::chrono::milliseconds(*words.timeout_ms);
    if (words.max_retries) settings->max_retries = static_cast<int>(*words.max_retries);

    ClusterChoice choice;
    choice.settings = std::move(*settings);
    choice.token = words.token;
    choice.token_name = words.token_name.value_or("default");
    choice.use_stored_login = choice.token_name != "none";
    return choice;
}

ipc::Proxy to_message(const ProxyStatus& status) {
    ipc::Proxy proxy;
    proxy.name = status.name;
    proxy.state = status.state;
    proxy.reason = status.reason;
    proxy.since = status.since;
    proxy.address = status.address;
    proxy.port = status.port;
    proxy.socket_path = status.socket_path;
    proxy.pid = status.pid;
    proxy.cluster = status.cluster;
    proxy.session_id = status.session_id;
    proxy.target_id = status.target_id;
    proxy.host_id = status.host_id;
    proxy.endpoint = status.endpoint;
    proxy.protocol = status.protocol;
    proxy.expiration = status.expiration;
    proxy.connection_limit = status.connection_limit;
    proxy.connections_left = status.connections_left;
    proxy.connections_open = status.connections_open;
    proxy.connections_total = status.connections_total;
    proxy.connections_failed = status.connections_failed;
    proxy.last_failure = status.last_failure;
    proxy.bytes_up = status.bytes_up;
    proxy.bytes_down = status.bytes_down;
    proxy.authorized_here = status.authorized_here;
    return proxy;
}

ProxyStatus from_message(const ipc::Proxy& proxy) {
    ProxyStatus status;
    status.name = proxy.name;
    status.state = proxy.state;
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
    status.last_failure = proxy.last_failure;
    status.bytes_up = proxy.bytes_up;
    status.bytes_down = proxy.bytes_down;
    status.authorized_here = proxy.authorized_here;
    return status;
}

ipc::Event to_message(const agent::core::AgentEvent& event) {
    ipc::Event message;
    message.time = event.time;
    message.kind = event.kind;
    message.message = event.message;
    if (event.proxy) message.proxy = to_message(*event.proxy);
    return message;
}

} // namespace agentd
