#pragma once
// Subscribe: agentd follows an agent-proxy. The words are explained in
// ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Subscribe {
    static constexpr std::string_view method = "org.agentd.Proxy.Subscribe";
    static constexpr bool streams = true; // may be called with more
    static constexpr bool endless = true; // such a stream has no end of its own
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::string kind;
        std::string message;
        Proxy proxy;
        std::optional<std::string> session_id;
        std::optional<std::string> reason_code;
        static constexpr auto fields =
            std::tuple{field("kind", &Response::kind), field("message", &Response::message),
                       field("proxy", &Response::proxy), field("session_id", &Response::session_id),
                       field("reason_code", &Response::reason_code)};
    };
};

} // namespace ipc
