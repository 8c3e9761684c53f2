#pragma once
// Surroundings: what the machine and its service manager tell agentd while it runs: the watchdog's
// period, SIGHUP, a network that changed, a sleep or a clock that was set. Owned by the daemon.

#include "agent/agent.hpp"
#include "agentd/configuration.hpp"
#include "async/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

namespace agentd {

class Surroundings {
  public:
    Surroundings(boost::asio::any_io_executor executor, agent::core::Agent& agent,
                 Configuration& configuration);
    void start();
    agent::awaitable<void> stop() { return tasks_.stop(); }

  private:
    agent::awaitable<void> read_configuration();
    agent::awaitable<void> watch_network();
    agent::awaitable<void> watch_clock();

    boost::asio::any_io_executor executor_;
    agent::core::Agent& agent_;
    Configuration& configuration_;
    boost::asio::signal_set hangup_;
    agent::async::TaskGroup tasks_;
};

} // namespace agentd
