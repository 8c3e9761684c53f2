#pragma once
// Our units in the user's systemd, asked over systemctl. start_agent.cpp starts them where they are
// installed; commands/enable.cpp and disable.cpp make them start at login.

#include "base/result.hpp"

#include <string>
#include <vector>

namespace agentctl {

/// A user manager runs in this XDG_RUNTIME_DIR, and it knows agentd.socket and agentd.service.
bool agent_units_installed();

/// systemctl --user WORDS agentd.socket agentd.service. Errc::agent_unreachable with systemctl's
/// own words.
agent::Status command_agent_units(std::vector<std::string> words);

/// agentd.service is active or about to be.
bool agent_service_active();

} // namespace agentctl
