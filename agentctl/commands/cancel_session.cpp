// sessions cancel.

#include "ipc/messages/cancel_session.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/item_table.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome cancel_session(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> id, word;
    std::optional<std::int64_t> version;
    Flags flags = invocation.flags();
    flags.positional("ID", word);
    flags.text("id", id, "The session's id.");
    flags.number("version", version,
                 "The session's version that is meant; the present one when missing.");
    client.add_to(flags);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!id) id = word;
    if (!id || id->empty()) return bad_usage("ID is required but not passed in via -id");

    ipc::CancelSession::Request request{std::move(begun.cluster), std::move(*id), version};
    const auto answer = call_agent<ipc::CancelSession>(request);
    if (!answer) return Failure{answer.error(), Attempt{"cancel on session", "cancel session"}};
    return Answer(item_table(*find_resource("sessions"), answer->item),
                  item_json(answer->status_code, answer->item));
}

} // namespace agentctl
