#pragma once
// End process: an agent-proxy is asked to end, and killed when it does not answer. Every end that
// the agent wants goes this way, so that none is told of that has not come.

#include "agent/proxy_launcher.hpp"

#include <memory>
#include <optional>
#include <string>

namespace agent::core {

struct ProcessEnd {
    std::optional<ProxyStatus> last_words; ///< none: it was killed, or had gone
    bool session_canceled = false;
    bool killed = false; ///< it did not answer
};

/// An error: it may run on.
awaitable<Result<ProcessEnd>> end_process(std::shared_ptr<ProxyHandle> handle, Reason reason,
                                          bool cancel_session);

} // namespace agent::core
