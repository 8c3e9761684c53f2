#pragma once
// Watch: events as they happen. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Watch {
    static constexpr std::string_view method = "org.agentd.Agent.Watch";
    static constexpr bool streams = true;         // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    static constexpr bool endless = true;         // such a stream has no end of its own
    static constexpr bool only_streams = true;
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        Event event;
        static constexpr auto fields = std::tuple{field("event", &Response::event)};
    };
};

} // namespace ipc
