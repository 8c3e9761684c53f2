#pragma once
// Stop: end an agent-proxy. The words are explained in ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Stop {
    static constexpr std::string_view method = "org.agentd.Proxy.Stop";
    static constexpr bool streams = false;  // may be called with more
    static constexpr bool helps_out = true; // also when all descriptors are in use: see router.hpp
    struct Request {
        std::string reason;
        bool cancel_session = false;
        bool drain = false;
        std::optional<bool> hand_over;
        std::optional<std::string> reason_code;
        static constexpr auto fields = std::tuple{
            field("reason", &Request::reason), field("cancel_session", &Request::cancel_session),
            field("drain", &Request::drain), field("hand_over", &Request::hand_over),
            field("reason_code", &Request::reason_code)};
    };
    struct Response {
        Proxy proxy;
        bool session_canceled = false;
        static constexpr auto fields =
            std::tuple{field("proxy", &Response::proxy),
                       field("session_canceled", &Response::session_canceled)};
    };
};

} // namespace ipc
