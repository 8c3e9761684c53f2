#include "agentctl/output/proxy_text.hpp"

#include "agentctl/output/item_table.hpp"
#include "agentctl/output/layout.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace agentctl {

using agent::Json;

std::string local_endpoint(const ipc::Proxy& proxy) {
    if (proxy.port == 0) return {};
    const bool v6 = proxy.address.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", proxy.address, v6 ? "]" : "", proxy.port);
}

namespace {

// Boundary's own word, where authorize-session says "Credential Source Type".
constexpr std::string_view store_type_label = "Credential Store Type";

std::string listening_json(const ipc::Proxy& proxy, const std::vector<Json>& credentials,
                           bool with_name) {
    Json object = {{"address", proxy.address},
                   {"port", proxy.port},
                   {"protocol", proxy.protocol},
                   {"expiration", proxy.expiration},
                   {"connection_limit", proxy.connection_limit},
                   {"session_id", proxy.session_id}};
    if (proxy.port == 0) object["socket_path"] = proxy.socket_path;
    if (!credentials.empty()) object["credentials"] = credentials;
    if (with_name) object["name"] = proxy.name;
    return agent::dump_json(object) + '\n';
}

std::string listening_table(const ipc::Proxy& proxy, const std::vector<Json>& credentials,
                            bool with_name) {
    std::vector<Row> rows{{"Connection Limit", proxy.connection_limit == 0
                                                   ? std::string("unknown")
                                                   : std::to_string(proxy.connection_limit)},
                          {"Expiration", shown_time(proxy.expiration)},
                          {"Protocol", printable(proxy.protocol)},
                          {"Session ID", printable(proxy.session_id)}};
    if (proxy.port == 0) {
        rows.push_back({"Socket", printable(proxy.socket_path)});
    } else {
        rows.push_back({"Address", printable(proxy.address)});
        rows.push_back({"Port", std::to_string(proxy.port)});
    }
    if (with_name) rows.push_back({"Name", printable(proxy.name)});
    const std::size_t pad = longest_key(rows);
    return wrap("\nProxy listening information:\n" + rows_block(std::move(rows), 2, pad),
                output_width()) +
           credentials_block(credentials, pad, store_type_label);
}

} // namespace

Answer listening(const ipc::Proxy& proxy, const std::vector<Json>& credentials, bool with_name) {
    return {listening_table(proxy, credentials, with_name),
            listening_json(proxy, credentials, with_name)};
}

Answer brokered(const std::vector<Json>& credentials) {
    if (credentials.empty()) return {};
    Json object = Json::object();
    object["credentials"] = credentials;
    return {credentials_block(credentials, 17, store_type_label), agent::dump_json(object) + '\n'};
}

Answer connections_left(std::int64_t left) {
    const std::vector<Row> rows{{"Connections Left", std::to_string(left)}};
    return {"\nConnection information:\n" + rows_block(rows, 2, longest_key(rows, 0)),
            agent::dump_json(Json{{"connections_left", left}}) + '\n'};
}

Answer termination(std::string_view reason) {
    const std::vector<Row> rows{{"Reason", printable(std::string(reason))}};
    return {wrap("\nTermination information:\n" + rows_block(rows, 2, longest_key(rows, 0)),
                 output_width()),
            agent::dump_json(Json{{"termination_reason", reason}}) + '\n'};
}

std::string proxies_table(const std::vector<ipc::Proxy>& proxies) {
    if (proxies.empty()) return "No proxies found\n";
    std::string out = "\nProxy information:\n";
    for (const ipc::Proxy& proxy : proxies) {
        if (&proxy != &proxies.front()) out += '\n';
        out += line_at(2, "Name", printable(proxy.name), 25);
        const std::string limit =
            proxy.connection_limit < 0    ? ", no limit"
            : proxy.connections_left      ? fmt::format(", {} left", *proxy.connections_left)
            : proxy.connection_limit == 0 ? std::string() // no session has told it yet
                                          : fmt::format(", limit {}", proxy.connection_limit);
        for (const auto& [label, value] :
             {Row{"State", proxy.state}, Row{"Reason", proxy.reason},
              Row{"Address", local_endpoint(proxy)},
              Row{"Kept", proxy.persistent.value_or(false)
                              ? (proxy.eager.value_or(false) ? "yes, eager" : "yes")
                              : ""},
              Row{"Waiting", proxy.clients_waiting.value_or(0) == 0
                                 ? std::string()
                                 : fmt::format("{} clients for a session", *proxy.clients_waiting)},
              Row{"Socket", proxy.socket_path}, Row{"Session ID", proxy.session_id},
              Row{"Target ID", proxy.target_id}, Row{"Host ID", proxy.host_id},
              Row{"Endpoint", proxy.endpoint}, Row{"Cluster", proxy.cluster},
              Row{"Expiration Time", proxy.expiration.empty() ? "" : shown_time(proxy.expiration)},
              Row{"Connections", fmt::format("{} open, {} in all{}", proxy.connections_open,
                                             proxy.connections_total, limit)},
              Row{"Failed",
                  proxy.connections_failed == 0
                      ? std::string()
                      : fmt::format("{}, last: {}", proxy.connections_failed, proxy.last_failure)},
              Row{"Bytes", fmt::format("{} up, {} down", proxy.bytes_up, proxy.bytes_down)}})
            if (!value.empty()) out += line_at(4, label, printable(value), 25);
    }
    return wrap(out, output_width());
}

} // namespace agentctl
