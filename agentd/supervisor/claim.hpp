#pragma once
// The right to supervise: one supervisor per user, and none where an agentd serves already.
// main.cpp asks first.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <optional>
#include <string>

namespace supervisor {

struct Places {
    std::string callers; ///< agent.sock
    std::string agentd_lock;
    std::string own_lock;
    std::string notify;
};

/// The lock, which is ours for as long as it is open; nullopt: somebody serves, so there is nothing
/// to do. Who holds a lock and does not listen is about to end, or has not begun: five seconds are
/// waited for that, then Errc::agent_unreachable names it.
agent::Result<std::optional<agent::UniqueFd>> claim(const Places& places);

} // namespace supervisor
