#pragma once
// AuthorizeSession: a session for a target; its authorization token is in the item. The words are
// explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct AuthorizeSession {
    static constexpr std::string_view method = "org.agentd.Agent.AuthorizeSession";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::optional<Cluster> cluster;
        std::optional<std::string> target;
        std::optional<std::string> target_name;
        std::optional<std::string> scope_id;
        std::optional<std::string> scope_name;
        std::optional<std::string> host_id;
        static constexpr auto fields = std::tuple{
            field("cluster", &Request::cluster),         field("target", &Request::target),
            field("target_name", &Request::target_name), field("scope_id", &Request::scope_id),
            field("scope_name", &Request::scope_name),   field("host_id", &Request::host_id)};
    };
    struct Response {
        std::int64_t status_code = 0;
        Json item;
        static constexpr auto fields = std::tuple{field("status_code", &Response::status_code),
                                                  field("item", &Response::item)};
    };
};

} // namespace ipc
