// logout: delete the stored login's token at the controller, which cancels its sessions there, and
// forget it.

#include "ipc/messages/logout.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome logout(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_to(flags, false);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (client.without_keyring())
        return bad_usage("there is no stored login to end without a keyring",
                         "Delete a token that is not stored with `agentctl auth-tokens delete -id "
                         "self -token env://NAME`.");
    const auto answer = call_agent<ipc::Logout>({std::move(begun.cluster)});
    if (!answer) return Failure{answer.error(), Attempt{"delete on auth token", "log out"}};
    std::string text =
        answer->found ? "Logged out: the token is deleted at the controller and forgotten here.\n"
                      : "There was no stored login of the name \"" + client.token_name() + "\".\n";
    if (answer->sessions)
        for (const auto& session : *answer->sessions)
            text += "This ended session " + printable(session) + ".\n";
    return Answer(std::move(text),
                  agent::dump_json(agent::Json{{"status_code", answer->status_code}}) + '\n');
}

} // namespace agentctl
