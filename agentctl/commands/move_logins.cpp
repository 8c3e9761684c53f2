// keyring move NAME: keep every login in another keyring, and later ones as well.

#include "ipc/messages/move_logins.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome move_logins(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> to;
    Flags flags = invocation.flags();
    flags.positional("KEYRING", to);
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!to) return bad_usage("the keyring's name is missing", "`agentctl keyring` shows them.");
    ipc::MoveLogins::Request request;
    request.keyring = *to;
    const auto answer = call_agent<ipc::MoveLogins>(request);
    if (!answer) return Failure{answer.error(), Attempt{"move logins", "move the logins"}};
    return Answer(fmt::format("Logins are kept in {} now; {} moved.\n", *to, answer->moved),
                  json_line(*answer));
}

} // namespace agentctl
