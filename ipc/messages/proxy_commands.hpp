#pragma once
// The verbs of org.agentd.Proxy, listed once. agent-proxy implements the abstract class that the
// list becomes; a forgotten handler is a compile error that names the verb.

#include "ipc/messages/check.hpp"
#include "ipc/messages/describe.hpp"
#include "ipc/messages/hold.hpp"
#include "ipc/messages/methods.hpp"
#include "ipc/messages/renew.hpp"
#include "ipc/messages/serve.hpp"
#include "ipc/messages/share_listeners.hpp"
#include "ipc/messages/stop.hpp"
#include "ipc/messages/subscribe.hpp"

namespace ipc {

using ProxyCommands = Methods<Serve, Describe, Subscribe, Renew, Hold, Stop, ShareListeners, Check>;

} // namespace ipc
