#pragma once
// Where secrets come from: env://NAME, file://PATH, standard input, or a prompt without echo. Never from an argument:
// everyone on the machine can read those.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace agentctl {

/// `what` names the flag in errors. Anything but env:// and file:// is refused, without quoting it.
agent::Result<agent::Secret> read_secret_source(std::string_view source, std::string_view what);
/// All of standard input, at most 64 KiB, without white space around it.
agent::Result<agent::Secret> read_standard_input(std::string_view what);
/// Asks on the terminal. Errc::invalid_argument when standard input is none.
agent::Result<std::string> prompt_line(const std::string& question);
agent::Result<agent::Secret> prompt_secret(const std::string& question);

} // namespace agentctl
