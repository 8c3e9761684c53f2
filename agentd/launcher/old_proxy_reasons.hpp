#pragma once
// Agent-proxies of released versions (protocols 1, 2 and 3 before reason codes) say why in
// sentences only. They outlive an upgrade of agentd, so what they say is translated here, and
// nowhere else. To be removed when none of them can be running any more.

#include "agent/proxy_status.hpp"

#include <cstdint>
#include <string>

namespace agentd {

/// Why a proxy is in that state, or its session over.
agent::core::ReasonCode old_reason(agent::core::ProxyState state, const std::string& sentence);
/// Fills code and hop from the message.
void old_failure(agent::model::ConnectionFailure& failure);

/// What they do not say at all is noted as they go on: when the newest failure came, and whether a
/// connection was opened since.
class OldProxyReasons {
  public:
    void take(agent::core::EventKind kind);
    void complete(agent::core::ProxyStatus& status);

  private:
    std::int64_t failures_ = 0;
    std::string failed_at_;
    bool opened_since_ = false;
};

} // namespace agentd
