#pragma once
// Byte counts alone make no agent-proxy speak up: whoever wants them as they are now asks.

#include "ipc/messages/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace agentd {

/// Asks the agent-proxies behind the sockets in `folder`, all together within a limit, and puts their counts into
/// `proxies`. Nobody is asked unless a connection is open. What does not answer in time keeps what was known.
boost::asio::awaitable<void> read_byte_counts(std::string folder, std::vector<ipc::Proxy>& proxies);

} // namespace agentd
