#pragma once
// Renew: agentd gives a persistent agent-proxy a session. The words are explained in
// ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Renew {
    static constexpr std::string_view method = "org.agentd.Proxy.Renew";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        Secret authorization_token;
        Secret tofu_token;
        static constexpr auto fields =
            std::tuple{field("authorization_token", &Request::authorization_token),
                       field("tofu_token", &Request::tofu_token)};
    };
    struct Response {
        Proxy proxy;
        static constexpr auto fields = std::tuple{field("proxy", &Response::proxy)};
    };
};

} // namespace ipc
