#pragma once
// UnitStarter: asks the user's systemd to start one unit, over the session bus, and waits until it
// runs. The systemd launcher uses it.

#include "async/token.hpp"
#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <string>

namespace agentd {

/// Returns when the unit's job is done: for Type=notify, when it is ready. Errc::proxy_failed says
/// why it is not.
agent::awaitable<agent::Status> start_unit(boost::asio::any_io_executor executor, std::string unit,
                                           std::chrono::steady_clock::duration limit);

} // namespace agentd
