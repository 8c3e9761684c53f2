// RESOURCE delete.

#include "ipc/messages/delete.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome delete_resource(const Invocation& invocation) {
    const Resource& resource = *find_resource(invocation.verb.collection);
    ClientFlags client;
    std::optional<std::string> id, word;
    Flags flags = invocation.flags();
    flags.positional("ID", word);
    flags.text("id", id, "The " + std::string(resource.singular) + "'s id.");
    client.add_to(flags);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!id) id = word;
    if (!id || id->empty()) return bad_usage("ID is required but not passed in via -id");

    ipc::Delete::Request request{std::move(begun.cluster), std::string(resource.collection),
                                 std::move(*id)};
    const auto answer = call_agent<ipc::Delete>(request);
    if (!answer)
        return Failure{answer.error(), Attempt{"delete on " + std::string(resource.singular),
                                               "delete " + std::string(resource.singular)}};
    return Answer("The delete operation completed successfully.\n", json_line(*answer));
}

} // namespace agentctl
