// watch: events as they happen, one line each, until Ctrl-C. A restart of agentd does not end it.

#include "ipc/messages/watch.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"
#include "agentctl/signals.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>

namespace agentctl {
namespace {

using Clock = std::chrono::steady_clock;

/// How long agentd may be away once we have followed it. We wait for whoever starts it, and do not.
constexpr std::chrono::seconds away_limit{30};

Answer told(const ipc::Event& event) {
    std::string line = shown_time(event.time) + "  " + printable(event.kind);
    if (event.proxy) line += "  " + printable(event.proxy->name);
    if (!event.message.empty()) line += "  " + printable(event.message);
    return {line + '\n', json_line(event)};
}

} // namespace

Outcome watch(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const Attempt attempt{"watch", "watch events"};
    Signals signals;
    auto agent = connect_to_agent();
    if (!agent) return Failure{agent.error(), attempt};
    const auto path = agent_socket_path();
    if (!path) return Failure{path.error(), attempt};
    bool interrupted = false;
    const auto take_signals = [&] {
        while (const auto signal = signals.take())
            interrupted = interrupted || signal->ssi_signo != SIGCHLD;
        return !interrupted;
    };
    const ipc::Watched watched{signals.fd(), take_signals};
    for (auto last_seen = Clock::now();;) {
        if (agent) {
            const auto last = agent->call_more<ipc::Watch>(
                {},
                [&](const ipc::Watch::Response& reply) {
                    invocation.printer.say(told(reply.event));
                },
                watched);
            if (last) invocation.printer.say(told(last->event));
            if (last || interrupted) return 0;
            if (last.error().code != agent::Errc::agent_unreachable)
                return Failure{last.error(), attempt};
            last_seen = Clock::now();
        } else if (Clock::now() - last_seen > away_limit) {
            return Failure{agent.error(), attempt};
        }
        signals.wait(100);
        if (!take_signals()) return 0;
        agent = ipc::BlockingClient::connect(*path);
    }
}

} // namespace agentctl
