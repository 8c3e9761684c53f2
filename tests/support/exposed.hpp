#pragma once
// What /proc shows of processes to other users, and to root: for tests that no secret is among it.

#include <string>
#include <vector>

namespace agent::test {

/// "agentctl (pid 7): cmdline", one line each, for this process's descendants whose words, first
/// environment or thread names hold one of `secrets`. An environment that may not be read by this
/// user is passed over; root reads all. `but` names a variable that a test has set itself, and
/// which its program has no reason to touch.
std::vector<std::string> exposing(const std::vector<std::string>& secrets,
                                  const std::string& but = {});

} // namespace agent::test
