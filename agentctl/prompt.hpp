#pragma once
// Asks a person on the terminal. Used for names and passwords by credentials.cpp.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>

namespace agentctl {

/// Errc::invalid_argument when standard input is no terminal.
agent::Result<std::string> prompt_line(const std::string& question);
/// What is typed does not appear. A signal that ends or stops us meanwhile finds the terminal as it
/// was before.
agent::Result<agent::Secret> prompt_secret(const std::string& question);

} // namespace agentctl
