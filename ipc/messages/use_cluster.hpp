#pragma once
// UseCluster: choose what is meant when no cluster is named. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct UseCluster {
    static constexpr std::string_view method = "org.agentd.Agent.UseCluster";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string name;
        static constexpr auto fields = std::tuple{field("name", &Request::name)};
    };
    struct Response {
        static constexpr std::tuple<> fields{};
    };
};

} // namespace ipc
