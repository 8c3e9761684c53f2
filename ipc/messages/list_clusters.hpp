#pragma once
// ListClusters: the clusters with names, and the logins held. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct ListClusters {
    static constexpr std::string_view method = "org.agentd.Agent.ListClusters";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::vector<KnownCluster> clusters;
        static constexpr auto fields = std::tuple{field("clusters", &Response::clusters)};
    };
};

} // namespace ipc
