#pragma once
// A verb of the command line, and what every verb begins with. main.cpp holds the table of them.

#include "agentctl/client_flags.hpp"
#include "agentctl/output/error.hpp"
#include "base/command_line.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace agentctl {

struct Invocation;

struct Verb {
    std::string_view name; ///< one or two words: "targets list"
    std::string_view summary;
    int (*run)(const Invocation&); ///< returns the exit code
    std::string_view collection =
        {}; ///< which of the controller's resources, for the verbs that serve several
};

struct Invocation {
    const Verb& verb;
    std::span<std::string> arguments; ///< what follows the verb's words
    agent::CommandLine& line;         ///< whose they are
    Flags flags() const { return Flags(std::string(verb.name), std::string(verb.summary)); }
};

struct Begun {
    std::optional<int> finished; ///< help was printed or the usage was bad: return this
    Format format = Format::table;
    ipc::Cluster cluster;
};

/// Parses the arguments and shows those that are no secret, prints help or what is wrong with them,
/// and resolves the client flags.
Begun begin(const Invocation& invocation, Flags& flags, const ClientFlags& client);

/// Errc::invalid_argument, printed: exit code 3.
int bad_usage(std::string message, Format format, std::string hint = {});

} // namespace agentctl
