#include "agentctl/verb.hpp"

namespace agentctl {

Begun begin(const Invocation& invocation, Flags& flags, const ClientFlags& client) {
    Begun begun;
    const auto parsed = flags.parse(invocation.arguments);
    invocation.printer.set_format(client.format_or_table());
    if (!parsed) {
        begun.finished = Failure{parsed.error(), {}};
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
