#pragma once
// The types that several verbs share: Cluster, ClientFailure, Proxy, Login, KnownCluster,
// KeyringState, Event. Field meanings are in the .varlink files; a test compares both.

#include "ipc/messages/fields.hpp"

namespace ipc {

struct Cluster {
    std::optional<std::string> address;
    std::optional<std::string> ca_cert;
    std::optional<std::string> ca_path;
    std::optional<std::string> client_cert;
    std::optional<std::string> client_key;
    std::optional<std::string> tls_server_name;
    std::optional<bool> tls_insecure;
    std::optional<Secret> token;
    std::optional<std::string> token_name;
    std::optional<std::int64_t> timeout_ms;
    std::optional<std::int64_t> max_retries;
    std::optional<std::string> name;
    std::optional<std::string> keyring;
    std::optional<bool> allow_foreign_listener;
    static constexpr auto fields =
        std::tuple{field("address", &Cluster::address),
                   field("ca_cert", &Cluster::ca_cert),
                   field("ca_path", &Cluster::ca_path),
                   field("client_cert", &Cluster::client_cert),
                   field("client_key", &Cluster::client_key),
                   field("tls_server_name", &Cluster::tls_server_name),
                   field("tls_insecure", &Cluster::tls_insecure),
                   field("token", &Cluster::token),
                   field("token_name", &Cluster::token_name),
                   field("timeout_ms", &Cluster::timeout_ms),
                   field("max_retries", &Cluster::max_retries),
                   field("name", &Cluster::name),
                   field("keyring", &Cluster::keyring),
                   field("allow_foreign_listener", &Cluster::allow_foreign_listener)};
};

struct ClientFailure {
    std::int64_t pid = 0;
    std::int64_t number = 0;
    std::string message;
    std::optional<std::string> code;
    std::optional<std::string> hop;
    std::optional<std::string> time;
    static constexpr auto fields = std::tuple{
        field("pid", &ClientFailure::pid),         field("number", &ClientFailure::number),
        field("message", &ClientFailure::message), field("code", &ClientFailure::code),
        field("hop", &ClientFailure::hop),         field("time", &ClientFailure::time)};
};

struct Proxy {
    std::string name;
    std::string state;
    std::string reason;
    std::string since;
    std::string address;
    std::int64_t port = 0;
    std::string socket_path;
    std::int64_t pid = 0;
    std::string cluster;
    std::string session_id;
    std::string target_id;
    std::string host_id;
    std::string endpoint;
    std::string protocol;
    std::string expiration;
    std::int64_t connection_limit = 0;
    std::optional<std::int64_t> connections_left;
    std::int64_t connections_open = 0;
    std::int64_t connections_total = 0;
    std::int64_t connections_failed = 0;
    std::string last_failure;
    std::int64_t bytes_up = 0;
    std::int64_t bytes_down = 0;
    bool authorized_here = false;
    std::optional<std::string> target;
    std::optional<bool> persistent;
    std::optional<bool> shared;
    std::optional<bool> eager;
    std::optional<std::int64_t> clients_waiting;
    std::optional<std::vector<ClientFailure>> client_failures;
    std::optional<std::string> reason_code;
    std::optional<std::string> failure_code;
    std::optional<std::string> failure_hop;
    std::optional<std::string> failure_time;
    std::optional<bool> failing;
    static constexpr auto fields =
        std::tuple{field("name", &Proxy::name),
                   field("state", &Proxy::state),
                   field("reason", &Proxy::reason),
                   field("since", &Proxy::since),
                   field("address", &Proxy::address),
                   field("port", &Proxy::port),
                   field("socket_path", &Proxy::socket_path),
                   field("pid", &Proxy::pid),
                   field("cluster", &Proxy::cluster),
                   field("session_id", &Proxy::session_id),
                   field("target_id", &Proxy::target_id),
                   field("host_id", &Proxy::host_id),
                   field("endpoint", &Proxy::endpoint),
                   field("protocol", &Proxy::protocol),
                   field("expiration", &Proxy::expiration),
                   field("connection_limit", &Proxy::connection_limit),
                   field("connections_left", &Proxy::connections_left),
                   field("connections_open", &Proxy::connections_open),
                   field("connections_total", &Proxy::connections_total),
                   field("connections_failed", &Proxy::connections_failed),
                   field("last_failure", &Proxy::last_failure),
                   field("bytes_up", &Proxy::bytes_up),
                   field("bytes_down", &Proxy::bytes_down),
                   field("authorized_here", &Proxy::authorized_here),
                   field("target", &Proxy::target),
                   field("persistent", &Proxy::persistent),
                   field("shared", &Proxy::shared),
                   field("eager", &Proxy::eager),
                   field("clients_waiting", &Proxy::clients_waiting),
                   field("client_failures", &Proxy::client_failures),
                   field("reason_code", &Proxy::reason_code),
                   field("failure_code", &Proxy::failure_code),
                   field("failure_hop", &Proxy::failure_hop),
                   field("failure_time", &Proxy::failure_time),
                   field("failing", &Proxy::failing)};
};

struct Login {
    std::string cluster;
    std::string token_name;
    std::string token_id;
    std::string user_id;
    std::string auth_method_id;
    std::string expiration;
    std::optional<std::string> cluster_name;
    std::optional<std::string> keyring;
    static constexpr auto fields = std::tuple{field("cluster", &Login::cluster),
                                              field("token_name", &Login::token_name),
                                              field("token_id", &Login::token_id),
                                              field("user_id", &Login::user_id),
                                              field("auth_method_id", &Login::auth_method_id),
                                              field("expiration", &Login::expiration),
                                              field("cluster_name", &Login::cluster_name),
                                              field("keyring", &Login::keyring)};
};

struct KnownCluster {
    std::string name;
    std::string address;
    bool declared = false;
    bool current = false;
    std::string state;
    std::string signed_in_as;
    std::string user_id;
    std::string token_name;
    std::string expiration;
    static constexpr auto fields = std::tuple{field("name", &KnownCluster::name),
                                              field("address", &KnownCluster::address),
                                              field("declared", &KnownCluster::declared),
                                              field("current", &KnownCluster::current),
                                              field("state", &KnownCluster::state),
                                              field("signed_in_as", &KnownCluster::signed_in_as),
                                              field("user_id", &KnownCluster::user_id),
                                              field("token_name", &KnownCluster::token_name),
                                              field("expiration", &KnownCluster::expiration)};
};

struct KeyringState {
    std::string name;
    bool in_use = false;
    bool locked = false;
    std::string unusable;
    std::int64_t logins = 0;
    static constexpr auto fields = std::tuple{
        field("name", &KeyringState::name), field("in_use", &KeyringState::in_use),
        field("locked", &KeyringState::locked), field("unusable", &KeyringState::unusable),
        field("logins", &KeyringState::logins)};
};

struct Event {
    std::string time;
    std::string kind;
    std::string message;
    std::optional<Proxy> proxy;
    std::optional<std::string> reason_code;
    static constexpr auto fields = std::tuple{
        field("time", &Event::time), field("kind", &Event::kind), field("message", &Event::message),
        field("proxy", &Event::proxy), field("reason_code", &Event::reason_code)};
};

} // namespace ipc
