#pragma once
// The words of src/model for a proxy, as the agent uses them.

#include "model/event.hpp"
#include "model/proxy_status.hpp"

namespace agent::core {

using model::AgentEvent;
using model::EventKind;
using model::ProxyState;
using model::ProxyStatus;
using model::Reason;
using model::ReasonCode;
using model::Wait;

} // namespace agent::core
