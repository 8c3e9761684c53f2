#pragma once
// A verb of the command line, and what every verb begins with. main.cpp holds the table of them.

#include "agentctl/client_flags.hpp"
#include "agentctl/output/printer.hpp"
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
    Outcome (*run)(const Invocation&);
    std::string_view collection =
        {}; ///< which of the controller's resources, for the verbs that serve several
};

struct Invocation {
    const Verb& verb;
    std::span<std::string> arguments; ///< what follows the verb's words
    agent::CommandLine& line;         ///< whose they are
    Printer& printer;                 ///< for what is said before the end
    Flags flags() const { return Flags(std::string(verb.name), std::string(verb.summary)); }
};

struct Begun {
    std::optional<Outcome> finished; ///< help was wanted or the usage was bad: return this
    ipc::Cluster cluster;
};

/// Parses the arguments and shows those that are no secret, tells the printer the format, and
/// resolves the client flags.
Begun begin(const Invocation& invocation, Flags& flags, const ClientFlags& client);

/// Exit code 3.
Failure bad_usage(std::string message, std::string hint = {});
/// The same for a verb that is about one proxy.
Failure no_proxy_named();

} // namespace agentctl
