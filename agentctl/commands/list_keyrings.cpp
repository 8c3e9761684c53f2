// keyring: where logins are kept.

#include "ipc/messages/list_keyrings.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/layout.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome list_keyrings(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const auto answer = call_agent<ipc::ListKeyrings>({});
    if (!answer) return Failure{answer.error(), Attempt{"list on keyrings", "list keyrings"}};
    std::string out = "\nKeyring information:\n";
    for (const ipc::KeyringState& one : answer->keyrings) {
        std::string state = one.in_use ? "in use" : "usable";
        if (one.locked) state += ", locked";
        if (!one.unusable.empty()) state = "not usable: " + printable(one.unusable);
        if (one.logins > 0)
            state += fmt::format(", holds {} login{}", one.logins, one.logins == 1 ? "" : "s");
        out += line_at(2, one.name, state, 25);
    }
    out += "\nMove the logins: agentctl keyring move NAME\n";
    return Answer(wrap(out, output_width()), json_line(*answer));
}

} // namespace agentctl
