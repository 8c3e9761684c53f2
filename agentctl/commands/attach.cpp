// attach NAME: come back to a proxy and follow it as its own terminal did. Ctrl-C ends it, unless
// -no-stop.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/follow.hpp"
#include "agentctl/output/proxy_text.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int attach(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    bool no_stop = false;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    flags.boolean("no-stop", no_stop, "Ctrl-C leaves the proxy running.");
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name)
        return bad_usage("which proxy? Give its name.", begun.format,
                         "`agentctl list` shows the names.");

    Signals signals;
    FollowOptions options;
    options.format = begun.format;
    options.stop_on_interrupt = !no_stop;
    options.on_first = [&](const ipc::Proxy& proxy) {
        print_out(listening_text(proxy, {}, begun.format, false));
    };
    ipc::Proxy proxy;
    proxy.name = *name;
    return follow(proxy, signals, options);
}

} // namespace agentctl
