#pragma once
// Logout: delete the token at the controller and forget it. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Logout {
    static constexpr std::string_view method = "org.agentd.Agent.Logout";
    static constexpr bool streams = false;  // may be called with more
    static constexpr bool helps_out = true; // also when all descriptors are in use: see router.hpp
    struct Request {
        std::optional<Cluster> cluster;
        static constexpr auto fields = std::tuple{field("cluster", &Request::cluster)};
    };
    struct Response {
        std::int64_t status_code = 0;
        bool found = false;
        std::optional<std::vector<std::string>> sessions;
        static constexpr auto fields =
            std::tuple{field("status_code", &Response::status_code),
                       field("found", &Response::found), field("sessions", &Response::sessions)};
    };
};

} // namespace ipc
