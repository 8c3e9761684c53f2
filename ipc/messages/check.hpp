#pragma once
// Check: look after connections now. The words are explained in ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Check {
    static constexpr std::string_view method = "org.agentd.Proxy.Check";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string reason;
        static constexpr auto fields = std::tuple{field("reason", &Request::reason)};
    };
    struct Response {
        static constexpr std::tuple<> fields{};
    };
};

} // namespace ipc
