#pragma once
// Reconnect: a new session for a persistent proxy. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Reconnect {
    static constexpr std::string_view method = "org.agentd.Agent.Reconnect";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string name;
        static constexpr auto fields = std::tuple{field("name", &Request::name)};
    };
    struct Response {
        Proxy proxy;
        static constexpr auto fields = std::tuple{field("proxy", &Response::proxy)};
    };
};

} // namespace ipc
