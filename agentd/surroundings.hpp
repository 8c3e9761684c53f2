#pragma once
// Surroundings: what the machine and its service manager tell agentd while it runs: the watchdog's period, a network
// that changed, a sleep or a clock that was set. Owned by the daemon.

#include "agent/agent.hpp"
#include "async/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace agentd {

class Surroundings {
  public:
    Surroundings(boost::asio::any_io_executor executor, agent::core::Agent& agent);
    void start();
    agent::awaitable<void> stop() { return tasks_.stop(); }

  private:
    agent::awaitable<void> watch_network();
    agent::awaitable<void> watch_clock();

    boost::asio::any_io_executor executor_;
    agent::core::Agent& agent_;
    agent::async::TaskGroup tasks_;
};

} // namespace agentd
