// attach NAME: come back to a proxy and follow it as its own terminal did. Ctrl-C ends it, unless
// -no-stop.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/follow.hpp"
#include "agentctl/output/proxy_text.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome attach(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> name;
    bool no_stop = false;
    Flags flags = invocation.flags();
    flags.positional("NAME", name);
    flags.boolean("no-stop", no_stop, "Ctrl-C leaves the proxy running.");
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!name) return no_proxy_named();

    Signals signals;
    FollowOptions options;
    options.stop_on_interrupt = !no_stop;
    options.on_first = [&](const ipc::Proxy& proxy) {
        invocation.printer.say(listening(proxy, {}, false));
    };
    ipc::Proxy proxy;
    proxy.name = *name;
    return follow(proxy, signals, invocation.printer, options);
}

} // namespace agentctl
