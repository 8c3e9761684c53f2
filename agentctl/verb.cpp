#include "agentctl/verb.hpp"

namespace agentctl {

Begun begin(const Invocation& invocation, Flags& flags, const ClientFlags& client) {
    Begun begun;
    const auto parsed = flags.parse(invocation.arguments);
    if (!parsed) {
        begun.finished = report_usage(parsed.error(), client.format_or_table());
        return begun;
    }
    for (const auto& word : invocation.arguments)
        if (flags.may_be_seen(word)) invocation.line.show(word);
    if (flags.help_wanted()) {
        print_out(flags.help());
        begun.finished = 0;
        return begun;
    }
    const auto format = client.format();
    if (!format) {
        begun.finished = report_usage(format.error(), Format::table);
        return begun;
    }
    begun.format = *format;
    auto cluster = client.cluster();
    if (!cluster)
        begun.finished = report_usage(cluster.error(), begun.format);
    else
        begun.cluster = std::move(*cluster);
    return begun;
}

int bad_usage(std::string message, Format format, std::string hint) {
    return report_usage(agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                                    std::move(message), std::move(hint)),
                        format);
}

} // namespace agentctl
