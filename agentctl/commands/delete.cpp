// RESOURCE delete.

#include "ipc/messages/delete.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

int delete_resource(const Invocation& invocation) {
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
    if (!id || id->empty())
        return bad_usage("ID is required but not passed in via -id", begun.format);

    ipc::Delete::Request request{std::move(begun.cluster), std::string(resource.collection),
                                 std::move(*id)};
    const auto answer = call_agent<ipc::Delete>(request);
    if (!answer)
        return report(answer.error(),
                      {"delete on " + std::string(resource.singular),
                       "delete " + std::string(resource.singular)},
                      begun.format);
    if (begun.format == Format::json)
        print_out(agent::dump_json(agent::Json{{"status_code", answer->status_code}}) + '\n');
    else
        print_out("The delete operation completed successfully.\n");
    return 0;
}

} // namespace agentctl
