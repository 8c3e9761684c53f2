#pragma once
// MoveLogins: keep every login in another keyring, and later ones as well. The words are explained
// in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct MoveLogins {
    static constexpr std::string_view method = "org.agentd.Agent.MoveLogins";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::string keyring;
        static constexpr auto fields = std::tuple{field("keyring", &Request::keyring)};
    };
    struct Response {
        std::int64_t moved = 0;
        static constexpr auto fields = std::tuple{field("moved", &Response::moved)};
    };
};

} // namespace ipc
