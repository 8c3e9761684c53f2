#pragma once
// ListKeyrings: where logins can be kept. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct ListKeyrings {
    static constexpr std::string_view method = "org.agentd.Agent.ListKeyrings";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::vector<KeyringState> keyrings;
        static constexpr auto fields = std::tuple{field("keyrings", &Response::keyrings)};
    };
};

} // namespace ipc
