#pragma once
// DetachedLauncher: starts each agent-proxy as a process of its own session, so that it outlives
// agentd, and finds those of an earlier agentd by their control sockets. Where agentd is a systemd
// service its unit says KillMode=process.

#include "agent/proxy_launcher.hpp"
#include "async/event.hpp"
#include "async/task_group.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

#include <map>
#include <set>
#include <string>
#include <sys/types.h>

namespace agentd {

class DetachedLauncher final : public agent::core::ProxyLauncher {
  public:
    /// `proxies_folder`: where the control sockets are. `log_path`: appended to by the proxies;
    /// empty: our own stderr.
    DetachedLauncher(boost::asio::any_io_executor executor, std::string proxies_folder,
                     std::string log_path);

    agent::awaitable<agent::Result<std::unique_ptr<agent::core::ProxyHandle>>> launch() override;
    agent::awaitable<std::vector<agent::core::AdoptedProxy>> adopt() override;
    agent::awaitable<void> stop();

  private:
    agent::awaitable<void> adopt_one(std::string path,
                                     std::vector<agent::core::AdoptedProxy>& adopted);
    agent::awaitable<void> reap();
    agent::awaitable<void> wait_reaped(pid_t pid);
    agent::Result<pid_t> spawn(const std::string& id, const agent::UniqueFd& ready) const;

    boost::asio::any_io_executor executor_;
    std::string proxies_folder_;
    std::string log_path_;
    boost::asio::signal_set child_signal_;
    agent::async::Event reaped_;
    std::set<pid_t> running_;
    std::map<pid_t, int> ended_; ///< wait statuses of those that ended while their launch waited
    agent::async::TaskGroup tasks_;
};

} // namespace agentd
