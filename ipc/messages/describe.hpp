#pragma once
// Describe: what a running agent-proxy was told, for adoption. The words are explained in
// ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Describe {
    static constexpr std::string_view method = "org.agentd.Proxy.Describe";
    static constexpr bool streams = false;  // may be called with more
    static constexpr bool helps_out = true; // also when all descriptors are in use: see router.hpp
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::int64_t protocol_version = 0;
        std::string version;
        std::optional<Proxy> proxy;
        std::optional<Json> cluster_settings;
        std::optional<std::string> token_name;
        std::optional<std::string> listen_address;
        std::optional<std::int64_t> inactive_timeout_ms;
        std::optional<bool> inactive_from_start;
        std::optional<bool> no_warm;
        std::optional<std::int64_t> keep_alive_ms;
        static constexpr auto fields =
            std::tuple{field("protocol_version", &Response::protocol_version),
                       field("version", &Response::version),
                       field("proxy", &Response::proxy),
                       field("cluster_settings", &Response::cluster_settings),
                       field("token_name", &Response::token_name),
                       field("listen_address", &Response::listen_address),
                       field("inactive_timeout_ms", &Response::inactive_timeout_ms),
                       field("inactive_from_start", &Response::inactive_from_start),
                       field("no_warm", &Response::no_warm),
                       field("keep_alive_ms", &Response::keep_alive_ms)};
    };
};

} // namespace ipc
