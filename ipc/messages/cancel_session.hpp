#pragma once
// CancelSession: cancel a session at the controller. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct CancelSession {
    static constexpr std::string_view method = "org.agentd.Agent.CancelSession";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::optional<Cluster> cluster;
        std::string id;
        std::optional<std::int64_t> version;
        static constexpr auto fields =
            std::tuple{field("cluster", &Request::cluster), field("id", &Request::id),
                       field("version", &Request::version)};
    };
    struct Response {
        std::int64_t status_code = 0;
        Json item;
        static constexpr auto fields = std::tuple{field("status_code", &Response::status_code),
                                                  field("item", &Response::item)};
    };
};

} // namespace ipc
