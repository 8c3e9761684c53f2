#pragma once
// agentd --check-config [FILE]: reads config.toml as a start or a reload would, and says what it
// found. main.cpp calls it; `agentctl config check` runs it, so that a file can be checked without
// a running agent.

#include <string>

namespace agentd {

/// Prints, and returns the exit code. Empty `path`: the file that agentd itself reads.
int check_config(std::string path);

} // namespace agentd
