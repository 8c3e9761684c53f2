#pragma once
// ListProxies: the running proxies. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct ListProxies {
    static constexpr std::string_view method = "org.agentd.Agent.ListProxies";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    static constexpr bool helps_out = true; // also when all descriptors are in use: see router.hpp
    struct Request {
        std::optional<bool> fresh;
        static constexpr auto fields = std::tuple{field("fresh", &Request::fresh)};
    };
    struct Response {
        std::vector<Proxy> proxies;
        static constexpr auto fields = std::tuple{field("proxies", &Response::proxies)};
    };
};

} // namespace ipc
