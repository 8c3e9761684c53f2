#pragma once
// ShareListeners: agentd holds an agent-proxy's listening sockets as well. The words are explained
// in ipc/org.agentd.Proxy.varlink.

#include "ipc/messages/types.hpp"

#include "base/unique_fd.hpp"

#include <vector>

namespace ipc {

struct ShareListeners {
    static constexpr std::string_view method = "org.agentd.Proxy.ShareListeners";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::vector<agent::UniqueFd> descriptors; ///< beside the reply
        static constexpr std::tuple<> fields{};
    };
};

} // namespace ipc
