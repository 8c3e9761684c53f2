#include "agentctl/verb.hpp"

#include "agentctl/api/plain.hpp"

namespace agentctl {
namespace {

/// Verbs that the reference has as well: what is wrong with their words is told as it does.
bool is_of_the_reference(std::string_view name) {
    for (const std::string_view word : {"authenticate", "logout", "connect", "sessions", "targets"})
        if (name.substr(0, name.find(' ')) == word) return true;
    return false;
}

} // namespace

Begun begin(const Invocation& invocation, Flags& flags, const ClientFlags& client) {
    Begun begun;
    const auto parsed = flags.parse(invocation.arguments);
    invocation.printer.set_format(client.format_or_table());
    const bool plain = is_of_the_reference(invocation.verb.name);
    if (!parsed) {
        begun.finished = Failure{parsed.error(), {}, plain};
        return begun;
    }
    for (const auto& word : invocation.arguments)
        if (flags.may_be_seen(word)) invocation.line.show(word);
    if (flags.help_wanted()) {
        begun.finished = Answer(flags.help(), flags.help());
        return begun;
    }
    const auto format = client.format();
    if (!format) {
        begun.finished = Failure{format.error(), {}};
        if (plain) begun.finished = say(Plain{"Invalid output format: " + client.format_word(), 1});
        return begun;
    }
    auto cluster = client.cluster();
    if (!cluster)
        begun.finished = Failure{cluster.error(), {}};
    else
        begun.cluster = std::move(*cluster);
    return begun;
}

Failure bad_usage(std::string message, std::string hint) {
    return {agent::fail(agent::Errc::invalid_argument, agent::Hop::local, std::move(message),
                        std::move(hint)),
            {}};
}

Failure no_proxy_named() {
    return bad_usage("which proxy? Give its name.", "`agentctl list` shows the names.");
}

} // namespace agentctl
