#pragma once
// Read: one of the controller's resources. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Read {
    static constexpr std::string_view method = "org.agentd.Agent.Read";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    struct Request {
        std::optional<Cluster> cluster;
        std::string resource;
        std::string id;
        static constexpr auto fields =
            std::tuple{field("cluster", &Request::cluster), field("resource", &Request::resource),
                       field("id", &Request::id)};
    };
    static bool ends_with_caller(const Request&) { return true; }
    struct Response {
        std::int64_t status_code = 0;
        Json item;
        static constexpr auto fields = std::tuple{field("status_code", &Response::status_code),
                                                  field("item", &Response::item)};
    };
};

} // namespace ipc
