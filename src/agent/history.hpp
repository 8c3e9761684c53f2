#pragma once
// Which events are worth remembering for `why`: not each connection, but each wait, each failure
// that is news, and the recovery from it.

#include "agent/proxy_status.hpp"

#include <map>
#include <optional>
#include <string>

namespace agent::core {

class History {
  public:
    /// Asked once for each event, in order.
    bool remembers(const AgentEvent& event);

  private:
    struct Last {
        std::optional<ProxyState> wait;
        std::optional<Errc> failure; ///< the newest that was remembered, until a recovery
    };
    static bool is_news(Last& last, const AgentEvent& event);
    std::map<std::string, Last> last_; ///< by the name of the proxy
};

} // namespace agent::core
