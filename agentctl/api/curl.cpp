#include "agentctl/api/curl.hpp"

#include "agentctl/agent_connection.hpp"
#include "base/percent_encode.hpp"
#include "base/printable.hpp"
#include "ipc/messages/list_clusters.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

using agent::Json;

/// For a shell: nothing in it means anything.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

void blot(Json& body, std::string_view field) {
    Json* place = &body;
    while (true) {
        const auto dot = field.find('.');
        const auto found = place->find(std::string(field.substr(0, dot)));
        if (found == place->end()) return;
        if (dot == field.npos) {
            agent::wipe(*found);
            *found = "***";
            return;
        }
        place = &*found;
        field = field.substr(dot + 1);
    }
}

agent::Result<std::string> address_of(const ipc::Cluster& cluster) {
    if (cluster.address) return *cluster.address;
    const auto known = call_agent<ipc::ListClusters>({});
    if (!known) return known.error();
    for (const auto& one : known->clusters)
        if (cluster.name ? one.name == *cluster.name : one.current) return one.address;
    return std::string("http://127.0.0.1:9200");
}

} // namespace

agent::Result<std::string> curl_command(const ApiCall& call, const ipc::Cluster& cluster,
                                        bool wants_version) {
    const auto address = address_of(cluster);
    if (!address) return address.error();
    std::string url = *address + "/v1/" + std::string(call.collection);
    if (!call.id.empty()) url += "/" + agent::percent_encode(call.id);
    if (!call.action.empty()) url += ":" + std::string(call.action);
    char separator = '?';
    for (const auto& [name, value] : call.query) {
        url += separator + agent::percent_encode(name) + "=" + agent::percent_encode(value);
        separator = '&';
    }
    std::string command = "curl ";
    if (call.operation == "create" || call.operation == "action") command += "-X POST ";
    if (call.operation == "update") command += "-X PATCH ";
    if (call.operation == "delete") command += "-X DELETE ";
    command += "-H \"Authorization: Bearer <token>\" -H \"Content-Type: application/json\" ";
    if (call.body.is_object()) {
        Json body = call.body;
        if (wants_version && !body.contains("version")) body["version"] = "<version>";
        for (const auto& field : call.secret_fields) blot(body, field);
        command += "-d " + shell_quoted(agent::dump_json(body)) + " ";
        agent::wipe(body);
    }
    return agent::printable(command + shell_quoted(url));
}

} // namespace agentctl
