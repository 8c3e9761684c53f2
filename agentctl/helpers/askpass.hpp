#pragma once
// agentctl as the program that ssh-add asks for the passphrase of the one key that it is given
// (SSH_ASKPASS). key_agent.cpp starts ssh-add so; main() comes here before anything else.

#include <optional>

namespace agentctl::helpers {

/// What ssh-add's environment holds then, and nobody else's.
inline constexpr const char* askpass_variable = "AGENTCTL_ASKPASS_ANSWER";

/// The exit code, when this process is to answer and nothing else.
std::optional<int> answer_as_askpass(int argc, char** argv);

} // namespace agentctl::helpers
