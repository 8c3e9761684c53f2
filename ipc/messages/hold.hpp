#pragma once
// Hold: what a persistent agent-proxy waits for. The words are explained in
// ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Hold {
    static constexpr std::string_view method = "org.agentd.Proxy.Hold";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string wait;
        std::string reason;
        bool session_over = false;
        std::optional<std::string> reason_code;
        static constexpr auto fields =
            std::tuple{field("wait", &Request::wait), field("reason", &Request::reason),
                       field("session_over", &Request::session_over),
                       field("reason_code", &Request::reason_code)};
    };
    struct Response {
        Proxy proxy;
        static constexpr auto fields = std::tuple{field("proxy", &Response::proxy)};
    };
};

} // namespace ipc
