// dev: becomes the dev server. All arguments are its own, -h too.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/inherited.hpp"
#include "base/find_program.hpp"

#include <unistd.h>

#include <cerrno>

namespace agentctl {

Outcome dev(const Invocation& invocation) {
    const auto program = agent::find_program("agent-dev-server");
    if (!program)
        return Failure{agent::fail(agent::Errc::environment, agent::Hop::local,
                                   "there is no program agent-dev-server",
                                   "Install it beside agentctl or on PATH."),
                       Attempt{"dev", "start the dev server"}};
    std::vector<char*> arguments{const_cast<char*>(program->c_str())};
    for (const auto& one : invocation.arguments)
        arguments.push_back(const_cast<char*>(one.c_str()));
    arguments.push_back(nullptr);
    restore_inherited();
    ::execv(program->c_str(), arguments.data());
    return Failure{agent::fail_errno(agent::Errc::environment, agent::Hop::local,
                                     "running " + *program, errno),
                   Attempt{"dev", "start the dev server"}};
}

} // namespace agentctl
