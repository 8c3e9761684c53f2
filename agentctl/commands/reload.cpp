// reload: read config.toml again and apply what differs.

#include "ipc/messages/reload.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

std::string line(std::string_view what, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::string text = std::string(what) + ":";
    for (const auto& name : names) text += " " + printable(name);
    return text + "\n";
}

} // namespace

int reload(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const auto answer = call_agent<ipc::Reload>({});
    if (!answer && answer.error().code == agent::Errc::invalid_argument)
        return report_usage(answer.error(),
                            begun.format); // "FILE:LINE:COLUMN: …", as config check says it
    if (!answer)
        return report(answer.error(), {"reload", "read the configuration again"}, begun.format);
    if (begun.format == Format::json) {
        print_out(agent::dump_json(ipc::to_json(*answer)) + '\n');
        return 0;
    }
    const auto changes = line("Added", answer->added) + line("Changed", answer->changed) +
                         line("Removed", answer->removed);
    print_out(changes.empty() ? "No proxy has changed.\n" : changes);
    return 0;
}

} // namespace agentctl
