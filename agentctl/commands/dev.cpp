// dev: becomes the dev server. All arguments are its own, -h too.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/find_program.hpp"
#include "agentctl/inherited.hpp"

#include <unistd.h>

#include <cerrno>

namespace agentctl {

int dev(const Invocation& invocation) {
    const auto program = find_program("agent-dev-server");
    if (!program)
        return report(agent::fail(agent::Errc::environment, agent::Hop::local,
                                  "there is no program agent-dev-server",
                                  "Install it beside agentctl or on PATH."),
                      {"dev", "start the dev server"}, Format::table);
    std::vector<char*> arguments{const_cast<char*>(program->c_str())};
    for (const auto& one : invocation.arguments)
        arguments.push_back(const_cast<char*>(one.c_str()));
    arguments.push_back(nullptr);
    restore_inherited();
    ::execv(program->c_str(), arguments.data());
    return report(agent::fail_errno(agent::Errc::environment, agent::Hop::local,
                                    "running " + *program, errno),
                  {"dev", "start the dev server"}, Format::table);
}

} // namespace agentctl
