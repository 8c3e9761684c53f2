#pragma once
// Who has the port that a proxy wanted. An agent-proxy may not look at other processes
// (src/confine); agentd may, and says in its place what it would have said.

#include "agent/proxy_status.hpp"
#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace agentd {

class PortHolder {
  public:
    explicit PortHolder(boost::asio::any_io_executor executor) : executor_(executor) {}

    /// Of a Serve that failed: the same problem, met here, if it is still there.
    agent::Error name(agent::Error problem, const std::string& address, std::int64_t port) const;
    /// Of a proxy that has just been told that its port is taken.
    void port_is_taken(agent::core::ProxyStatus& status);
    /// Of anything that it says later about the same thing.
    void name(std::string& text) const;

  private:
    boost::asio::any_io_executor executor_;
    std::string unnamed_; ///< what the proxy says
    std::string named_;
};

} // namespace agentd
