// config check [FILE]: is config.toml right? Asks the program agentd, not the running agent: a file
// can be checked before it is put in place, and agentctl needs no TOML.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/run_program.hpp"
#include "base/find_program.hpp"

#include <cstdlib>

namespace agentctl {

Outcome config_check(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> file;
    Flags flags = invocation.flags();
    flags.positional("FILE", file);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const char* named = std::getenv("AGENTD");
    const auto program = named != nullptr && *named != '\0' ? std::optional<std::string>(named)
                                                            : agent::find_program("agentd");
    const Attempt attempt{"config check", "check the configuration"};
    if (!program)
        return Failure{agent::fail(agent::Errc::environment, agent::Hop::local,
                                   "there is no agentd to check with",
                                   "Install it beside agentctl or on PATH, or name it in the "
                                   "environment variable AGENTD."),
                       attempt};
    std::vector<std::string> words{*program, "--check-config"};
    if (file) words.push_back(*file);
    const auto ran = run_program(words);
    if (!ran) return Failure{ran.error(), attempt};
    if (!ran->ok()) {
        const auto code = ran->exit == agent::exit_code(agent::Errc::invalid_argument)
                              ? agent::Errc::invalid_argument
                              : agent::Errc::environment;
        return Failure{agent::fail(code, agent::Hop::local, ran->err), {}};
    }
    return Answer(ran->out, ""); // to a script, exit code 0 says it all
}

} // namespace agentctl
