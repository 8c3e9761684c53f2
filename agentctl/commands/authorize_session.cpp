// targets authorize-session: a session for a target, with its authorization token.

#include "ipc/messages/authorize_session.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/item_table.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome authorize_session(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> id, word, name, scope_id, scope_name, host_id;
    Flags flags = invocation.flags();
    flags.positional("ALIAS", word);
    flags.text("id", id, "The target's id or alias.");
    flags.text("name", name, "The target's name; needs -scope-id or -scope-name.");
    flags.text("scope-id", scope_id, "The scope of the target's name.", "BOUNDARY_SCOPE_ID");
    flags.text("scope-name", scope_name, "The same by the scope's name.", "BOUNDARY_SCOPE_NAME");
    flags.text("host-id", host_id, "Which of the target's hosts; one is chosen when missing.");
    client.add_to(flags);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (id && word) return bad_usage("give either -id or an alias, not both");
    if (!id) id = word;
    if (id && name) return bad_usage("give either the target's id or its name, not both");
    if (!id && (!name || (!scope_id && !scope_name)))
        return bad_usage("ID was not passed in, but no combination of name and scope ID/name was "
                         "passed in either");

    ipc::AuthorizeSession::Request request;
    request.cluster = std::move(begun.cluster);
    request.host_id = host_id;
    if (id) {
        request.target = id;
    } else {
        request.target_name = name;
        request.scope_id = scope_id;
        if (!scope_id) request.scope_name = scope_name;
    }
    const auto answer = call_agent<ipc::AuthorizeSession>(request);
    if (!answer)
        return Failure{answer.error(), Attempt{"authorize-session on a session against target",
                                               "authorize a session against target"}};
    return Answer(authorization_table(answer->item), item_json(answer->status_code, answer->item));
}

} // namespace agentctl
