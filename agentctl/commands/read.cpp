// RESOURCE read: one item.

#include "ipc/messages/read.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/item_table.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

Outcome read(const Invocation& invocation) {
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

    ipc::Read::Request request{std::move(begun.cluster), std::string(resource.collection),
                               std::move(*id)};
    const auto answer = call_agent<ipc::Read>(request);
    if (!answer)
        return Failure{answer.error(), Attempt{"read on " + std::string(resource.singular),
                                               "read " + std::string(resource.singular)}};
    return Answer(item_table(resource, answer->item), item_json(answer->status_code, answer->item));
}

} // namespace agentctl
