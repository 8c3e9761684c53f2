#pragma once
// A connected Unix stream socket to hand on: blocking, as other programs expect theirs.

#include "async/token.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>

namespace ipc::dbus {

/// Waits for room in the listener's queue within a limit.
boost::asio::awaitable<agent::Result<agent::UniqueFd>> connect_unix(std::string path);

} // namespace ipc::dbus
