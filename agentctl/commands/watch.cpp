// watch: events as they happen, one line each, until Ctrl-C.

#include "ipc/messages/watch.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"
#include "agentctl/signals.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace agentctl {
namespace {

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
    const ipc::Watched watched{signals.fd(), [&signals] {
                                   while (const auto signal = signals.take())
                                       if (signal->ssi_signo != SIGCHLD) return false;
                                   return true;
                               }};
    const auto last = agent->call_more<ipc::Watch>(
        {}, [&](const ipc::Watch::Response& reply) { print_event(reply.event, begun.format); }, watched);
    if (last) {
        print_event(last->event, begun.format);
        return 0;
    }
    if (last.error().code == agent::Errc::canceled) return 0;
    return report(last.error(), attempt, begun.format);
}

} // namespace agentctl
