#pragma once
// ListenerKeeping: agentd holds the listening sockets of each proxy as well. While a killed
// agent-proxy is replaced its clients wait in the kernel's queue, and the next process goes on with
// the same sockets. What is held stands in the proxy's ProxySpec, and in the ListenerStore for the
// moment in which both die.

#include "agent/process/listener_store.hpp"
#include "agent/proxies.hpp"

namespace agent::core {

class ListenerKeeping {
  public:
    explicit ListenerKeeping(ListenerStore& store) : store_(store) {}

    /// Gets them from the proxy's present process; one of an old version shares none.
    awaitable<void> hold(std::shared_ptr<ManagedProxy> proxy);
    /// Shuts them: nobody is to wait at a port that nobody serves.
    void let_go(ManagedProxy& proxy);

    /// What an agentd before this one has left for a proxy; once.
    std::shared_ptr<const net::ListeningSockets> take(const std::string& proxy) {
        return store_.take(proxy);
    }
    /// What nobody has taken refuses from now on.
    void drop_rest() { store_.drop_rest(); }

  private:
    ListenerStore& store_;
};

} // namespace agent::core
