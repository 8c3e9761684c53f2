// RESOURCE list: all items of one of the controller's collections.

#include "ipc/messages/list.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/list_table.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace agentctl {

Outcome list(const Invocation& invocation) {
    const Resource& resource = *find_resource(invocation.verb.collection);
    const bool in_catalog = resource.collection == "hosts" || resource.collection == "host-sets";
    ClientFlags client;
    std::optional<std::string> scope, parent, filter;
    std::optional<std::int64_t> page_size;
    bool recursive = false, terminated = false;
    Flags flags = invocation.flags();
    if (in_catalog) {
        flags.text("host-catalog-id", parent, "The host catalog to list from.");
    } else {
        flags.text("scope-id", scope, "The scope to list from.", "BOUNDARY_SCOPE_ID");
        flags.boolean("recursive", recursive, "Also list from the scopes below.");
    }
    if (resource.collection == "sessions")
        flags.boolean("include-terminated", terminated, "Also list sessions that are over.");
    flags.text("filter", filter,
               "Boolean expression over \"/item/…\" that the controller applies.");
    flags.number("page-size", page_size, "How many items the agent asks for at once.");
    client.add_to(flags);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (in_catalog && (!parent || parent->empty()))
        return bad_usage("Host Catalog ID is required but not passed in via -host-catalog-id");

    ipc::List::Request request;
    request.cluster = std::move(begun.cluster);
    request.resource = resource.collection;
    if (scope && !scope->empty())
        request.scope_id = scope;
    else if (!resource.default_scope.empty())
        request.scope_id = std::string(resource.default_scope);
    request.parent_id = parent;
    if (recursive) request.recursive = true;
    if (terminated) request.include_terminated = true;
    if (filter && !filter->empty()) request.filter = filter;
    request.page_size = page_size;
    auto answer = call_agent<ipc::List>(request);
    if (!answer)
        return Failure{answer.error(), Attempt{"list on " + std::string(resource.plural),
                                               "list " + std::string(resource.plural)}};
    const auto items = std::make_shared<std::vector<agent::Json>>(); // there may be many
    if (answer->items) *items = std::move(*answer->items);
    return Answer([=, &resource] { return list_table(resource, *items, recursive); },
                  [=, status = answer->status_code.value_or(200)] {
                      agent::Json object = {{"status_code", status}};
                      object["items"] = nullptr;
                      if (!items->empty()) object["items"] = std::move(*items);
                      return agent::dump_json(object) + '\n';
                  });
}

} // namespace agentctl
