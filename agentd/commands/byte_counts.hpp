#pragma once
// Byte counts alone make no agent-proxy speak up: whoever wants them as they are now asks.

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace agentd {

struct ByteCounts {
    std::int64_t up = 0;
    std::int64_t down = 0;
};

/// Asks the agent-proxies behind the sockets in `folder`, all together within a limit: their counts
/// by pid. What does not answer in time is missing.
boost::asio::awaitable<std::map<std::int64_t, ByteCounts>> read_byte_counts(std::string folder);

} // namespace agentd
