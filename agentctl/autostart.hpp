#pragma once
// The XDG autostart entry: how agentd starts at login where there is no systemd.
// commands/enable.cpp and disable.cpp use it.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace agentctl {

/// $XDG_CONFIG_HOME/autostart/agentd.desktop
agent::Result<std::string> autostart_path();
/// The entry's text; it runs PROGRAM start.
std::string autostart_entry(std::string_view program);
/// Writes it whole or not at all; returns its path.
agent::Result<std::string> write_autostart(std::string_view program);
/// false: there was none.
agent::Result<bool> remove_autostart();

} // namespace agentctl
