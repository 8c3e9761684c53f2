// reload: read config.toml again and apply what differs.

#include "ipc/messages/reload.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
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

Outcome reload(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const auto answer = call_agent<ipc::Reload>({});
    if (!answer && answer.error().code == agent::Errc::invalid_argument)
        return Failure{answer.error(), {}}; // "FILE:LINE:COLUMN: …", as config check says it
    if (!answer) return Failure{answer.error(), Attempt{"reload", "read the configuration again"}};
    const auto changes = line("Added", answer->added) + line("Changed", answer->changed) +
                         line("Removed", answer->removed);
    return Answer(changes.empty() ? "No proxy has changed.\n" : changes, json_line(*answer));
}

} // namespace agentctl
