#pragma once
// Launching: an agent-proxy that is being started while its session is being asked for, so that
// neither waits for the other. connect.cpp begins it and takes the process; one that nobody takes
// is told to stop.

#include "agent/proxy_launcher.hpp"
#include "async/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace agent::core {

class Launching {
  public:
    /// Begins at once, in `tasks`.
    Launching(ProxyLauncher& launcher, async::TaskGroup& tasks,
              boost::asio::any_io_executor executor);
    Launching(const Launching&) = delete;
    Launching& operator=(const Launching&) = delete;
    ~Launching();

    /// The process, or why there is none. Once.
    awaitable<Result<std::shared_ptr<ProxyHandle>>> take();

  private:
    struct Start;
    struct Running;
    static awaitable<void> run(ProxyLauncher& launcher, std::shared_ptr<Start> start,
                               std::unique_ptr<Running> running);

    async::TaskGroup& tasks_;
    std::shared_ptr<Start> start_;
};

} // namespace agent::core
