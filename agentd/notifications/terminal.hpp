#pragma once
// A terminal window that runs a command for a person, where this desktop has one.

#include "async/token.hpp"

#include <string>
#include <vector>

namespace agentd {

/// The words that open a terminal with `command` in it; empty when no terminal is known. Under a
/// systemd user manager the window is started by that, so that it is not in agentd's sandbox and
/// does not end with it.
std::vector<std::string> terminal_command(std::vector<std::string> command);

/// Starts it. false: it could not be started, or failed at once (no display).
agent::awaitable<bool> open_terminal(std::vector<std::string> command);

} // namespace agentd
