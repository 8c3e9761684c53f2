#pragma once
// Something that happened, as watchers and the history are told.

#include "model/event_kind.hpp"
#include "model/proxy_status.hpp"

#include <optional>
#include <string>

namespace agent::model {

struct AgentEvent {
    std::string time;
    EventKind kind = EventKind::other;
    std::string message;
    ReasonCode reason_code = ReasonCode::none; ///< why, where something ended
    std::optional<ProxyStatus> proxy;
};

} // namespace agent::model
