#pragma once
// Reading a configuration that must be right, or must be wrong.

#include "config/agent_config.hpp"

#include <string>

agent::config::AgentConfig accepted(const std::string& text);
/// The error's message.
std::string refusal(const std::string& text);
