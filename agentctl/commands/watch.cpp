// watch: events as they happen, one line each, until Ctrl-C. A restart of agentd does not end it.

#include "ipc/messages/watch.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
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

void print_event(const ipc::Event& event, Format format) {
    if (format == Format::json) {
        print_out(agent::dump_json(ipc::to_json(event)) + '\n');
        return;
    }
    std::string line = shown_time(event.time) + "  " + printable(event.kind);
    if (event.proxy) line += "  " + printable(event.proxy->name);
    if (!event.message.empty()) line += "  " + printable(event.message);
    print_out(line + '\n');
}

} // namespace

int watch(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const Attempt attempt{"watch", "watch events"};
    Signals signals;
    auto agent = connect_to_agent();
    if (!agent) return report(agent.error(), attempt, begun.format);
    const auto path = agent_socket_path();
    if (!path) return report(path.error(), attempt, begun.format);
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
                [&](const ipc::Watch::Response& reply) { print_event(reply.event, begun.format); },
                watched);
            if (last) print_event(last->event, begun.format);
            if (last || interrupted) return 0;
            if (last.error().code != agent::Errc::agent_unreachable)
                return report(last.error(), attempt, begun.format);
            last_seen = Clock::now();
        } else if (Clock::now() - last_seen > away_limit) {
            return report(agent.error(), attempt, begun.format);
        }
        signals.wait(100);
        if (!take_signals()) return 0;
        agent = ipc::BlockingClient::connect(*path);
    }
}

} // namespace agentctl
