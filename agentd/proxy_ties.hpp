#pragma once
// ProxyTies: proxies that were asked for until a process ends (ends_with_pid of Connect and
// Attach). When it has ended, however, its proxy and the proxy's session are ended as Disconnect
// does.

#include "async/task_group.hpp"
#include "base/unique_fd.hpp"
#include "ipc/messages/agent_commands.hpp"

#include <set>
#include <string>
#include <utility>

namespace agentd {

class ProxyTies {
  public:
    ProxyTies(boost::asio::any_io_executor executor, ipc::AgentCommands& commands)
        : commands_(commands), tasks_(executor) {}

    /// A process that lives, and that we may signal; held, so that its number is its own.
    static agent::Result<agent::UniqueFd> hold(std::int64_t pid);
    /// One tie for a process and a proxy, however often it is asked for.
    void tie(agent::UniqueFd process, std::int64_t pid, const ipc::Proxy& proxy);
    boost::asio::awaitable<void> stop() { return tasks_.stop(); }

  private:
    struct Tie {
        std::int64_t pid = 0;
        std::string name;
        std::string session_id; ///< a later proxy may get the name
        auto operator<=>(const Tie&) const = default;
    };
    boost::asio::awaitable<void> follow(agent::UniqueFd process, Tie tie);
    boost::asio::awaitable<void> end(Tie tie);

    ipc::AgentCommands& commands_;
    std::set<Tie> ties_;
    agent::async::TaskGroup tasks_;
};

} // namespace agentd
