#pragma once
// Attach: follow one proxy until it ends. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Attach {
    static constexpr std::string_view method = "org.agentd.Agent.Attach";
    static constexpr bool streams = true;         // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    static constexpr bool endless = true;         // such a stream has no end of its own
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
