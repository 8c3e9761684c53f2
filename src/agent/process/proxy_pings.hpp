#pragma once
// ProxyPings: agent-proxies that hang are found out and killed, so that the next process goes on
// with the port, the session and the waiting clients. One that has said nothing for a while is
// asked something that every version knows; which silence counts is in ping_pace.hpp.

#include "agent/process/ping_pace.hpp"
#include "agent/proxies.hpp"
#include "async/task_group.hpp"

namespace agent::core {

class ProxyPings {
  public:
    /// Whoever follows the proxies starts the next process when one has gone.
    ProxyPings(const Proxies& proxies, async::TaskGroup& tasks, PingPace pace)
        : proxies_(proxies), tasks_(tasks), pace_(pace) {}

    /// Until it is cancelled.
    awaitable<void> run();
    /// A person asks for it now: whether it hangs is found out now, and its next process is waited
    /// for.
    awaitable<void> revive_if_hung(std::shared_ptr<ManagedProxy> proxy);

  private:
    awaitable<void> ping(std::shared_ptr<ManagedProxy> proxy);

    const Proxies& proxies_;
    async::TaskGroup& tasks_;
    PingPace pace_;
};

/// Kills the process behind `handle`, which does not answer.
awaitable<void> end_hung(std::shared_ptr<ManagedProxy> proxy, std::shared_ptr<ProxyHandle> handle);

} // namespace agent::core
