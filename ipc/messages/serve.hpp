#pragma once
// Serve: agentd tells a new agent-proxy what to carry. The words are explained in
// ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

#include "base/unique_fd.hpp"

#include <vector>

namespace ipc {

struct Serve {
    static constexpr std::string_view method = "org.agentd.Proxy.Serve";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string name;
        Secret authorization_token;
        std::string listen_address;
        std::int64_t listen_port = 0;
        std::int64_t inactive_timeout_ms = 0;
        std::string cluster;
        Json cluster_settings;
        std::string token_name;
        bool authorized_here = false;
        std::optional<bool> shared;
        std::optional<bool> inactive_from_start;
        std::optional<Secret> tofu_token;
        std::optional<std::string> target;
        std::optional<bool> persistent;
        std::optional<bool> eager;
        std::optional<bool> wait_for_port;
        std::optional<bool> no_warm;
        std::optional<std::int64_t> keep_alive_ms;
        std::vector<agent::UniqueFd>
            descriptors; ///< beside the call: listening sockets to go on with
        static constexpr auto fields =
            std::tuple{field("name", &Request::name),
                       field("authorization_token", &Request::authorization_token),
                       field("listen_address", &Request::listen_address),
                       field("listen_port", &Request::listen_port),
                       field("inactive_timeout_ms", &Request::inactive_timeout_ms),
                       field("cluster", &Request::cluster),
                       field("cluster_settings", &Request::cluster_settings),
                       field("token_name", &Request::token_name),
                       field("authorized_here", &Request::authorized_here),
                       field("shared", &Request::shared),
                       field("inactive_from_start", &Request::inactive_from_start),
                       field("tofu_token", &Request::tofu_token),
                       field("target", &Request::target),
                       field("persistent", &Request::persistent),
                       field("eager", &Request::eager),
                       field("wait_for_port", &Request::wait_for_port),
                       field("no_warm", &Request::no_warm),
                       field("keep_alive_ms", &Request::keep_alive_ms)};
    };
    struct Response {
        Proxy proxy;
        static constexpr auto fields = std::tuple{field("proxy", &Response::proxy)};
    };
};

} // namespace ipc
