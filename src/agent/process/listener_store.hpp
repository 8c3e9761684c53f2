#pragma once
// Where listening sockets are put so that they outlive agentd and an agent-proxy that die at once:
// the service manager's descriptor store, in agentd/listener_store. Without a manager there is
// none, and whichever of the two lives on holds them.

#include "net/listening_sockets.hpp"

#include <memory>
#include <string>

namespace agent::core {

class ListenerStore {
  public:
    virtual ~ListenerStore() = default;
    virtual void put(const std::string& proxy, const net::ListeningSockets& sockets) = 0;
    virtual void drop(const std::string& proxy) = 0;
    /// What an agentd before this one has put there; once.
    virtual std::shared_ptr<const net::ListeningSockets> take(const std::string& proxy) = 0;
    /// What nobody has taken refuses from now on.
    virtual void drop_rest() = 0;
};

} // namespace agent::core
