#pragma once
// The verbs of org.agentd.Configuration, listed once; agentd/commands/reload.hpp implements them.

#include "ipc/messages/methods.hpp"
#include "ipc/messages/reload.hpp"

namespace ipc {

using ConfigurationCommands = Methods<Reload>;

} // namespace ipc
