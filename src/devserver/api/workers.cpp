// Workers: the one this server is, and others as data. No other ever connects: what creating one
// hands out leads nowhere.

#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"

#include "base/random.hpp"
#include "boundary/base58.hpp"

#include <algorithm>
#include <cctype>

namespace devserver {
namespace {

/// The worker of this process has what its configuration says.
bool is_own(const Resource& worker) {
    return worker.extra.contains("tags");
}

/// Those of the configuration and those of the API together.
Json canonical_tags(const Resource& worker) {
    Json all = Json::object();
    for (const char* source : {"tags", "api_tags"}) {
        const Json* tags = agent::find_member(worker.extra, source);
        if (tags == nullptr) continue;
        for (const auto& [key, values] : tags->items())
            for (const auto& value : values)
                if (!all.contains(key) || std::ranges::find(all[key], value) == all[key].end())
                    all[key].push_back(value);
    }
    return all;
}

bool printable(const std::string& text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

const Collection& workers() {
    const auto& all = collections();
    return *std::ranges::find(all, std::string_view("worker"), &Collection::kind);
}

} // namespace

Json worker_fields(Call& call, const Resource& worker, bool) {
    Json item = common_fields(call, worker);
    item.erase("type"); // comes later
    if (is_own(worker) && !call.settings.worker_addresses.empty())
        item["address"] = call.settings.worker_addresses.front();
    if (auto tags = canonical_tags(worker); !tags.empty()) item["canonical_tags"] = std::move(tags);
    if (const Json* tags = agent::find_member(worker.extra, "tags")) item["config_tags"] = *tags;
    if (is_own(worker)) // it lives in this process
        item["last_status_time"] = agent::format_rfc3339(to_microseconds(call.store.now()));
    if (call.action == "create:controller-led") // said once, kept nowhere: nothing could use it
        item["controller_generated_activation_token"] =
            "neslat_" + agent::boundary::base58_encode(agent::random_base62(64));
    item["active_connection_count"] = 0;
    item["type"] = worker.type;
    if (const Json* tags = agent::find_member(worker.extra, "api_tags");
        tags != nullptr && !tags->empty())
        item["api_tags"] = *tags;
    if (is_own(worker)) item["release_version"] = "agent-dev-server v" AGENT_VERSION;
    add_actions(call, worker, item);
    item["local_storage_state"] = "unknown";
    return item;
}

void accept_worker(Call& call, Resource& worker, bool creating, FieldErrors& errors) {
    if (worker.name && !printable(*worker.name))
        errors["name"] = "Name contains non-printable characters.";
    else if (worker.name && std::ranges::any_of(
                                *worker.name, [](unsigned char c) { return std::isupper(c) != 0; }))
        errors["name"] = "Name must be all lowercase.";
    if (!creating) return;
    worker.type = "pki";
    const auto token = body_text(call.body, "worker_generated_auth_token", errors).value_or("");
    if (call.action == "create:worker-led") {
        if (token.empty())
            errors["worker_generated_auth_token"] = "This field cannot be empty.";
        else if (token.size() > 4096 || !agent::boundary::base58_decode(token))
            errors["worker_generated_auth_token"] = "This is not base58.";
    } else if (!token.empty()) {
        errors["worker_generated_auth_token"] = "Worker-generated auth tokens are not used with "
                                                "the controller-led creation flow.";
    }
}

Reply create_controller_led(Call& call) {
    return create(call, workers(), call.action);
}

Reply create_worker_led(Call& call) {
    return create(call, workers(), call.action);
}

} // namespace devserver
