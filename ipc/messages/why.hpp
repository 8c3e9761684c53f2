#pragma once
// Why: what stands between a proxy and its target. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Why {
    static constexpr std::string_view method = "org.agentd.Agent.Why";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    struct Request {
        std::string name;
        static constexpr auto fields = std::tuple{field("name", &Request::name)};
    };
    struct Response {
        std::string name;
        std::string state;
        std::string since;
        std::string hop;
        std::string explanation;
        std::string next_step;
        std::vector<Event> history;
        std::optional<std::string> reason_code;
        static constexpr auto fields = std::tuple{field("name", &Response::name),
                                                  field("state", &Response::state),
                                                  field("since", &Response::since),
                                                  field("hop", &Response::hop),
                                                  field("explanation", &Response::explanation),
                                                  field("next_step", &Response::next_step),
                                                  field("history", &Response::history),
                                                  field("reason_code", &Response::reason_code)};
    };
};

} // namespace ipc
