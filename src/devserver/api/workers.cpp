#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

Json worker_fields(Call& call, const Resource& worker, bool) {
    Json item = common_fields(call, worker);
    if (!call.settings.worker_addresses.empty())
        item["address"] = call.settings.worker_addresses.front();
    if (const Json* tags = agent::find_member(worker.extra, "tags"))
        item["canonical_tags"] = item["config_tags"] = *tags;
    item["last_status_time"] =
        agent::format_rfc3339(to_microseconds(call.store.now())); // it lives in this process
    item["release_version"] = "agent-dev-server v" AGENT_VERSION;
    add_actions(call, worker, item);
    return item;
}

} // namespace devserver
