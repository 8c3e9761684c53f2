#pragma once
// A verb of the command line, and what every verb begins with. main.cpp holds the table of them.

#include "agentctl/client_flags.hpp"
#include "agentctl/output/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

struct Invocation;

struct Verb {
    std::string_view name; ///< one or two words: "targets list"
    std::string_view summary;
    int (*run)(const Invocation&);    ///< returns the exit code
    std::string_view collection = {}; ///< which of the controller's resources, for the verbs that serve several
};

struct Invocation {
    const Verb& verb;
    std::vector<std::string> arguments; ///< what follows the verb's words
    Flags flags() const { return Flags(std::string(verb.name), std::string(verb.summary)); }
};

struct Begun {
    std::optional<int> finished; ///< help was printed or the usage was bad: return this
    Format format = Format::table;
    ipc::Cluster cluster;
};

/// Parses the arguments, prints help or what is wrong with them, and resolves the client flags.
Begun begin(const Invocation& invocation, Flags& flags, const ClientFlags& client);

/// Errc::invalid_argument, printed: exit code 3.
int bad_usage(std::string message, Format format, std::string hint = {});

} // namespace agentctl
