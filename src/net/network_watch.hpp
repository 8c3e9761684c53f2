#pragma once
// NetworkWatch: notices that addresses, routes or links of this machine changed (rtnetlink). agentd
// looks after its connections then, instead of waiting for timeouts.

#include "async/token.hpp"
#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>

namespace agent::net {

struct NetworkChange {
    bool gained = false; ///< something came that was not there: the network may be back
    bool lost = false;   ///< something went: connections may be dead without knowing it

    bool any() const { return gained || lost; }
};

/// What the kernel has said so far. It repeats itself (router advertisements renew what is there):
/// only what is new counts.
class NetworkMemory {
  public:
    /// One datagram from the kernel.
    NetworkChange take(std::span<const std::byte> datagram);

  private:
    NetworkChange note(bool is_there, std::string key);
    std::set<std::string> known_; ///< addresses and routes, by what makes them different
    std::map<int, bool> links_;   ///< by index: up and running
};

class NetworkWatch {
  public:
    /// Errc::environment where there is no rtnetlink.
    static Result<NetworkWatch> open(boost::asio::any_io_executor executor);

    /// The next change. Several that come together are one. An empty one: the coroutine was
    /// cancelled.
    awaitable<NetworkChange> next();

  private:
    explicit NetworkWatch(boost::asio::posix::stream_descriptor socket)
        : socket_(std::move(socket)) {}
    NetworkChange read_waiting();

    boost::asio::posix::stream_descriptor socket_;
    NetworkMemory memory_;
};

} // namespace agent::net
