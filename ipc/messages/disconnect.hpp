#pragma once
// Disconnect: end a proxy. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Disconnect {
    static constexpr std::string_view method = "org.agentd.Agent.Disconnect";
    static constexpr bool streams = false;  // may be called with more
    static constexpr bool helps_out = true; // also when all descriptors are in use: see router.hpp
    struct Request {
        std::string name;
        std::optional<bool> forget;
        static constexpr auto fields =
            std::tuple{field("name", &Request::name), field("forget", &Request::forget)};
    };
    struct Response {
        Proxy proxy;
        bool session_canceled = false;
        std::optional<bool> killed;
        static constexpr auto fields =
            std::tuple{field("proxy", &Response::proxy),
                       field("session_canceled", &Response::session_canceled),
                       field("killed", &Response::killed)};
    };
};

} // namespace ipc
