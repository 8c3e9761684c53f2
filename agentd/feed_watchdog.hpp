#pragma once
// Tells the service manager that the event loop turns. Surroundings run it where the manager wants
// to know.

#include "async/token.hpp"

#include <chrono>

namespace agentd {

/// Three times in each period, until cancelled.
agent::awaitable<void> feed_watchdog(std::chrono::microseconds period);

} // namespace agentd
