#pragma once
// Whose logins: the kernel's keyring and the desktop's are one for all agents of a user, and each
// agent has its own.

#include <string>

namespace agent::keyring {

/// What sets this agent apart from the user's others: AGENTD_KEYRING_PREFIX, else the folder of its
/// state; empty for the one whose state is in the usual place. Goes into the names of its logins.
std::string mark_of_agent(const std::string& state_folder);

/// What begins the description of its logins in the kernel's keyring.
std::string kernel_prefix(const std::string& mark);
/// The attribute xdg:schema of its logins in the Secret Service: searched for as a whole.
std::string service_schema(const std::string& mark);

} // namespace agent::keyring
