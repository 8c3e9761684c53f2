#include "agentd/commands/translate.hpp"

namespace agentd {

using agent::core::ClusterChoice;
using agent::core::ProxyStatus;

namespace {

/// Its settings, its name, and how one logs in there.
void adopt(ClusterChoice& choice, agent::core::NamedCluster cluster) {
    choice.settings = std::move(cluster.settings);
    choice.cluster_name = std::move(cluster.name);
    choice.auth_method = std::move(cluster.auth_method);
    choice.scope = std::move(cluster.scope);
}

} // namespace

agent::Result<ClusterChoice> choose_cluster(const std::optional<ipc::Cluster>& cluster,
                                            const agent::core::Clusters& known) {
    const ipc::Cluster options = cluster.value_or(ipc::Cluster());
    const auto invalid = [](std::string message) {
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::local, std::move(message));
    };
    if (options.timeout_ms && (*options.timeout_ms < 1 || *options.timeout_ms > 3'600'000))
        return invalid("cluster.timeout_ms must be between 1 and 3600000");
    if (options.max_retries && (*options.max_retries < 0 || *options.max_retries > 100))
        return invalid("cluster.max_retries must be between 0 and 100");
    if (options.name && options.address)
        return invalid("give either a cluster's name or an address, not both");

    ClusterChoice choice;
    choice.named = options.name || options.address;
    if (options.name) {
        auto found = known.find(*options.name);
        if (!found) return found.error();
        adopt(choice, std::move(*found));
    } else {
        auto found = options.address ? std::optional<agent::core::NamedCluster>() : known.current();
        if (!found) {
            auto settings = agent::controller::settings_for(options.address.value_or(""));
            if (!settings) return settings.error();
            choice.settings = std::move(*settings);
            found = known.at(choice.settings.address);
        }
        if (found) adopt(choice, std::move(*found));
    }
    auto& settings = choice.settings;
    if (options.ca_cert) settings.ca_cert = *options.ca_cert;
    if (options.ca_path) settings.ca_path = *options.ca_path;
    if (options.client_cert) settings.client_cert = *options.client_cert;
    if (options.client_key) settings.client_key = *options.client_key;
    if (options.tls_server_name) settings.tls_server_name = *options.tls_server_name;
    if (options.tls_insecure) settings.tls_insecure = *options.tls_insecure;
    if (options.allow_foreign_listener)
        settings.allow_foreign_listener = *options.allow_foreign_listener;
    if (options.timeout_ms) settings.timeout = std::chrono::milliseconds(*options.timeout_ms);
    if (options.max_retries) settings.max_retries = static_cast<int>(*options.max_retries);

    choice.token = options.token;
    choice.token_name = options.token_name.value_or("default");
    choice.use_stored_login = choice.token_name != "none";
    choice.keyring = options.keyring.value_or("");
    return choice;
}

ipc::ClientFailure to_message(const agent::model::ClientFailure& failure) {
    ipc::ClientFailure message;
    message.pid = failure.pid;
    message.number = failure.number;
    message.message = failure.message;
    message.code = agent::errc_name(failure.code);
    message.hop = agent::hop_name(failure.hop);
    if (!failure.time.empty()) message.time = failure.time;
    return message;
}

ipc::Proxy to_message(const ProxyStatus& status) {
    ipc::Proxy proxy;
    proxy.name = status.name;
    proxy.state = name_of(status.state);
    proxy.reason = status.reason;
    proxy.reason_code = name_of(status.reason_code);
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
    proxy.last_failure = status.last_failure.message;
    if (!status.last_failure.message.empty()) {
        proxy.failure_code = agent::errc_name(status.last_failure.code);
        proxy.failure_hop = agent::hop_name(status.last_failure.hop);
        if (!status.last_failure.time.empty()) proxy.failure_time = status.last_failure.time;
        proxy.failing = status.failing;
    }
    proxy.bytes_up = status.bytes_up;
    proxy.bytes_down = status.bytes_down;
    proxy.authorized_here = status.authorized_here;
    proxy.target = status.target;
    proxy.persistent = status.persistent;
    proxy.shared = status.shared;
    proxy.eager = status.eager;
    proxy.clients_waiting = status.clients_waiting;
    if (!status.client_failures.empty()) proxy.client_failures.emplace();
    for (const auto& failure : status.client_failures)
        proxy.client_failures->push_back(to_message(failure));
    return proxy;
}

ipc::KnownCluster to_message(agent::core::ClusterStatus status) {
    ipc::KnownCluster cluster;
    cluster.name = std::move(status.name);
    cluster.address = std::move(status.address);
    cluster.declared = status.declared;
    cluster.current = status.current;
    cluster.state = name_of(status.state);
    cluster.signed_in_as = std::move(status.signed_in_as);
    cluster.user_id = std::move(status.user_id);
    cluster.token_name = std::move(status.token_name);
    cluster.expiration = std::move(status.expiration);
    return cluster;
}

ipc::Event to_message(const agent::core::AgentEvent& event) {
    ipc::Event message;
    message.time = event.time;
    message.kind = name_of(event.kind);
    message.message = event.message;
    if (event.reason_code != agent::model::ReasonCode::none)
        message.reason_code = name_of(event.reason_code);
    if (event.proxy) message.proxy = to_message(*event.proxy);
    return message;
}

} // namespace agentd
