#pragma once
// Runs another program to its end and keeps what it printed: agentd to check a file, systemctl to
// start at login.

#include "base/result.hpp"

#include <string>
#include <vector>

namespace agentctl {

struct Ran {
    int exit = 0; ///< 128 + N when signal N ended it
    std::string out;
    std::string err; ///< without the last newline

    bool ok() const { return exit == 0; }
};

/// words[0] is looked for on PATH unless it holds a slash. Errc::environment when it cannot be run,
/// Errc::timed_out when it does not end within half a minute (it is killed then).
agent::Result<Ran> run_program(const std::vector<std::string>& words);

} // namespace agentctl
