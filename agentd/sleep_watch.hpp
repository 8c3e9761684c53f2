#pragma once
// SleepWatch: what logind says on the system bus about the machine's sleep. A machine without
// logind, or without a system bus, has none: then the clocks tell (net/clock_watch).
// surroundings.cpp runs it.

#include "async/token.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>

namespace agentd {

/// Calls `woken` each time the machine has woken up. Until cancelled; a bus that is away is tried
/// again later.
agent::awaitable<void> watch_sleep(boost::asio::any_io_executor executor,
                                   std::function<void()> woken);

} // namespace agentd
