#pragma once
// ServiceManagerStore: the listening sockets of proxies in the service manager's descriptor store
// (FDSTORE=1), and the sockets that a manager hands over at the start. Without a manager nothing
// happens. The daemon owns it.

#include "agent/process/listener_store.hpp"

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace agentd {

class ServiceManagerStore final : public agent::core::ListenerStore {
  public:
    using Kept = std::map<std::string, agent::net::ListeningSockets>;
    explicit ServiceManagerStore(Kept kept);

    void put(const std::string& proxy, const agent::net::ListeningSockets& sockets) override;
    void drop(const std::string& proxy) override;
    std::shared_ptr<const agent::net::ListeningSockets> take(const std::string& proxy) override;
    void drop_rest() override;

  private:
    using Numbers = std::pair<ino_t, ino_t>; ///< of the TCP and the Unix socket
    static Numbers numbers_of(const agent::net::ListeningSockets& sockets);

    Kept kept_;                             ///< from before
    std::map<std::string, Numbers> stored_; ///< what the manager has
};

/// What the manager has handed over.
struct GivenSockets {
    agent::UniqueFd agent; ///< where callers connect; empty: it listens on none for us
    ServiceManagerStore::Kept proxies;
};
/// Throws when there are two sockets for callers.
GivenSockets take_given_sockets();

} // namespace agentd
