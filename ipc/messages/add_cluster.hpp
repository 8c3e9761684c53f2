#pragma once
// AddCluster: give a controller a name. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct AddCluster {
    static constexpr std::string_view method = "org.agentd.Agent.AddCluster";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string name;
        Cluster cluster;
        std::optional<bool> use;
        static constexpr auto fields =
            std::tuple{field("name", &Request::name), field("cluster", &Request::cluster),
                       field("use", &Request::use)};
    };
    struct Response {
        static constexpr std::tuple<> fields{};
    };
};

} // namespace ipc
