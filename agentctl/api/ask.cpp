#include "agentctl/api/ask.hpp"

#include "agentctl/agent_connection.hpp"
#include "ipc/messages/call_api.hpp"
#include "ipc/messages/delete.hpp"
#include "ipc/messages/list.hpp"
#include "ipc/messages/read.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

using agent::Json;
using agent::Result;

std::optional<std::string> text_of(Given& given, std::string_view flag) {
    GivenFlag* const one = given.find(flag);
    return one == nullptr ? std::nullopt : one->text;
}

bool truth_of(Given& given, std::string_view flag) {
    const GivenFlag* const one = given.find(flag);
    return one != nullptr && one->truth;
}

Result<ApiAnswer> ask_list(Given& given, const ApiCall& call, ipc::Cluster cluster) {
    const Resource& resource = *find_resource(call.collection);
    ipc::List::Request request;
    request.cluster = std::move(cluster);
    request.resource = std::string(call.collection);
    if (resource.container == "scope") {
        request.scope_id = text_of(given, "scope-id");
        if (!request.scope_id && !resource.default_scope.empty())
            request.scope_id = std::string(resource.default_scope);
    } else {
        request.parent_id = text_of(given, resource.container);
    }
    if (truth_of(given, "recursive")) request.recursive = true;
    if (truth_of(given, "include-terminated")) request.include_terminated = true;
    request.filter = text_of(given, "filter");
    if (const auto size = text_of(given, "page-size"))
        for (const auto& [name, value] : call.query)
            if (name == "page_size") request.page_size = std::stoll(value);
    auto answer = call_agent<ipc::List>(request);
    if (!answer) return answer.error();
    ApiAnswer got;
    got.status = answer->status_code.value_or(200);
    if (answer->items) got.items = std::move(*answer->items);
    return got;
}

Result<ApiAnswer> ask_read(const ApiCall& call, const ipc::Cluster& cluster) {
    const ipc::Read::Request request{cluster, std::string(call.collection), call.id};
    auto answer = call_agent<ipc::Read>(request);
    if (!answer) return answer.error();
    ApiAnswer got;
    got.status = answer->status_code;
    got.item = std::move(answer->item);
    return got;
}

Result<ApiAnswer> ask_delete(const ApiCall& call, ipc::Cluster cluster) {
    const ipc::Delete::Request request{std::move(cluster), std::string(call.collection), call.id};
    const auto answer = call_agent<ipc::Delete>(request);
    if (!answer) return answer.error();
    ApiAnswer got;
    got.status = answer->status_code;
    return got;
}

Result<ApiAnswer> ask_api(const ApiCall& call, const ipc::Cluster& cluster) {
    ipc::CallApi::Request request;
    request.cluster = cluster;
    request.operation = std::string(call.operation);
    request.collection = std::string(call.collection);
    if (!call.id.empty()) request.id = call.id;
    if (!call.action.empty()) request.action = std::string(call.action);
    if (!call.query.empty()) {
        Json query = Json::object();
        for (const auto& [name, value] : call.query) query[name] = value;
        request.query.emplace(std::move(query));
    }
    if (call.body.is_object()) request.body.emplace(agent::dump_json(call.body));
    auto answer = call_agent<ipc::CallApi>(request);
    if (!answer) return answer.error();
    ApiAnswer got;
    got.status = answer->status_code;
    if (answer->body) got.item = std::move(*answer->body);
    return got;
}

Result<std::int64_t> present_version(const ApiCall& call, const ipc::Cluster& cluster) {
    const auto item = ask_read(call, cluster);
    if (!item) return item.error();
    const Json* version = agent::find_member(item->item, "version");
    return version != nullptr && version->is_number_integer() ? version->get<std::int64_t>() : 0;
}

Result<ApiAnswer> ask_with_version(ApiCall& call, const ipc::Cluster& cluster) {
    auto version = present_version(call, cluster);
    if (!version) return version.error();
    set_version(call, *version);
    auto got = ask_api(call, cluster);
    if (got || got.error().status != 404) return got;
    // Somebody else may have changed it in between: the answer to that is 404 as well.
    const auto now = present_version(call, cluster);
    if (!now || *now == *version) return got;
    set_version(call, *now);
    return ask_api(call, cluster);
}

} // namespace

Result<ApiAnswer> ask(const CommandRow& row, Given& given, ApiCall call, ipc::Cluster cluster) {
    if (row.operation == Operation::list) return ask_list(given, call, std::move(cluster));
    if (row.operation == Operation::remove) return ask_delete(call, std::move(cluster));
    if (row.operation == Operation::get && call.action.empty() && !call.id.empty())
        return ask_read(call, cluster);
    const bool reads_first = wants_version(given) && !call.body.contains("version");
    auto got = reads_first ? ask_with_version(call, cluster) : ask_api(call, cluster);
    agent::wipe(call.body);
    return got;
}

} // namespace agentctl
