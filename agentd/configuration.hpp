#pragma once
// Configuration: config.toml on its way into the agent: its clusters are declared, its proxies
// applied. Read at the start, at SIGHUP and by the verb Reload. Owned by the daemon.

#include "agent/agent.hpp"
#include "async/event.hpp"

#include <string>

namespace agentd {

class Configuration {
  public:
    Configuration(boost::asio::any_io_executor executor, agent::core::Agent& agent)
        : agent_(agent), idle_(executor) {}

    struct Reloaded {
        std::string file;
        std::size_t clusters = 0;
        agent::core::AppliedDeclarations proxies;
    };
    /// A file with mistakes changes nothing: Errc::invalid_argument names each with its line and
    /// column. One at a time.
    agent::awaitable<agent::Result<Reloaded>> reload();

  private:
    agent::awaitable<agent::Result<Reloaded>> read_and_apply();

    agent::core::Agent& agent_;
    bool busy_ = false;
    agent::async::Event idle_;
};

} // namespace agentd
