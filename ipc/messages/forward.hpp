#pragma once
// Forward: one request to a controller's API with the agent's login added in agentd, so that the
// caller never holds a token. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Forward {
    static constexpr std::string_view method = "org.agentd.Agent.Forward";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::optional<Cluster> cluster;
        std::string method;
        std::string path;
        std::optional<std::string> query;
        std::optional<Json> body;
        static constexpr auto fields =
            std::tuple{field("cluster", &Request::cluster), field("method", &Request::method),
                       field("path", &Request::path), field("query", &Request::query),
                       field("body", &Request::body)};
    };
    static bool ends_with_caller(const Request& request) { return request.method == "GET"; }
    struct Response {
        std::int64_t status_code = 0;
        std::optional<Json> body;
        static constexpr auto fields = std::tuple{field("status_code", &Response::status_code),
                                                  field("body", &Response::body)};
    };
};

} // namespace ipc
