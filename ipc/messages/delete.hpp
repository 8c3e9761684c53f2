#pragma once
// Delete: delete one of the controller's resources. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Delete {
    static constexpr std::string_view method = "org.agentd.Agent.Delete";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::optional<Cluster> cluster;
        std::string resource;
        std::string id;
        static constexpr auto fields =
            std::tuple{field("cluster", &Request::cluster), field("resource", &Request::resource),
                       field("id", &Request::id)};
    };
    struct Response {
        std::int64_t status_code = 0;
        static constexpr auto fields = std::tuple{field("status_code", &Response::status_code)};
    };
};

} // namespace ipc
