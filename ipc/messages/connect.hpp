#pragma once
// Connect: start a proxy. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Connect {
    static constexpr std::string_view method = "org.agentd.Agent.Connect";
    static constexpr bool streams = true; // may be called with more
    struct Request {
        std::optional<Cluster> cluster;
        std::optional<std::string> target;
        std::optional<std::string> target_name;
        std::optional<std::string> scope_id;
        std::optional<std::string> scope_name;
        std::optional<std::string> host_id;
        std::optional<Secret> authorization_token;
        std::optional<std::string> name;
        std::optional<std::string> listen_address;
        std::optional<std::int64_t> listen_port;
        std::optional<std::int64_t> inactive_timeout_ms;
        std::optional<bool> shared;
        std::optional<bool> reuse;
        std::optional<bool> keep;
        std::optional<bool> eager;
        std::optional<std::string> after_cancel;
        std::optional<bool> no_warm;
        std::optional<std::int64_t> keep_alive_ms;
        static constexpr auto fields =
            std::tuple{field("cluster", &Request::cluster),
                       field("target", &Request::target),
                       field("target_name", &Request::target_name),
                       field("scope_id", &Request::scope_id),
                       field("scope_name", &Request::scope_name),
                       field("host_id", &Request::host_id),
                       field("authorization_token", &Request::authorization_token),
                       field("name", &Request::name),
                       field("listen_address", &Request::listen_address),
                       field("listen_port", &Request::listen_port),
                       field("inactive_timeout_ms", &Request::inactive_timeout_ms),
                       field("shared", &Request::shared),
                       field("reuse", &Request::reuse),
                       field("keep", &Request::keep),
                       field("eager", &Request::eager),
                       field("after_cancel", &Request::after_cancel),
                       field("no_warm", &Request::no_warm),
                       field("keep_alive_ms", &Request::keep_alive_ms)};
    };
    struct Response {
        std::optional<std::string> progress;
        std::optional<Proxy> proxy;
        std::optional<std::vector<Json>> credentials;
        static constexpr auto fields =
            std::tuple{field("progress", &Response::progress), field("proxy", &Response::proxy),
                       field("credentials", &Response::credentials)};
    };
};

} // namespace ipc
