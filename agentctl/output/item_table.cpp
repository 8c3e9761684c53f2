#include "agentctl/output/item_table.hpp"

#include "agentctl/output/layout.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace agentctl {
namespace {

using agent::find_member;
using agent::Json;
using agent::string_member;

std::vector<Row> rows_of(const Json& item, std::span<const Column> columns) {
    std::vector<Row> rows;
    for (const Column& column : columns) {
        std::string value = shown_value(item, column);
        if (!value.empty()) rows.push_back({std::string(column.label), std::move(value)});
    }
    return rows;
}

// "default_client_port" as "Default Client Port".
std::string label_of(const std::string& member) {
    std::string label;
    for (std::size_t at = 0; at <= member.size();) {
        const std::size_t end = std::min(member.find('_', at), member.size());
        std::string word = member.substr(at, end - at);
        if (word == "id" || word == "ids" || word == "url" || word == "ip" || word == "tls" ||
            word == "ttl")
            std::ranges::transform(word, word.begin(), [](unsigned char c) {
                return static_cast<char>(std::toupper(c));
            });
        else if (!word.empty())
            word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
        if (!label.empty()) label += ' ';
        label += word;
        at = end + 1;
    }
    return printable(label);
}

std::vector<Row> object_rows(const Json& object) {
    std::vector<Row> rows;
    for (const auto& [key, value] : object.items())
        if (!value.is_null())
            rows.push_back({label_of(key), printable(value.is_string() ? value.get<std::string>()
                                                                       : agent::dump_json(value))});
    return rows;
}

const Json* list_member(const Json& item, std::string_view name) {
    const Json* list = find_member(item, name);
    return list != nullptr && list->is_array() && !list->empty() ? list : nullptr;
}

void add_scope(std::string& out, const Json& item, std::size_t pad) {
    static constexpr Column columns[] = {{"ID", "id", Shown::id},
                                         {"Name", "name"},
                                         {"Parent Scope ID", "parent_scope_id"},
                                         {"Type", "type"}};
    const Json* scope = find_member(item, "scope");
    if (scope != nullptr && scope->is_object())
        out += "\n  Scope:\n" + rows_block(rows_of(*scope, columns), 4, pad);
}

void add_words(std::string& out, const Json& item, std::string_view member,
               std::string_view title) {
    const Json* words = list_member(item, member);
    if (words == nullptr) return;
    out += "\n  " + std::string(title) + ":\n";
    for (const auto& word : *words)
        if (word.is_string()) out += "    " + printable(word.get<std::string>()) + '\n';
}

// Each element's rows, and an empty line after each.
void add_objects(std::string& out, const Json& item, std::string_view member,
                 std::string_view title, std::span<const Column> columns, std::size_t pad) {
    const Json* objects = list_member(item, member);
    if (objects == nullptr) return;
    out += "\n  " + std::string(title) + ":\n";
    for (const auto& object : *objects) out += rows_block(rows_of(object, columns), 4, pad) + '\n';
}

std::string address_and_port(const Json& connection, const std::string& side) {
    const std::string address = string_member(connection, side + "_tcp_address");
    if (address.empty()) return {};
    const Json* port = find_member(connection, side + "_tcp_port");
    const std::string bare = address.find(':') == std::string::npos ? address : "[" + address + "]";
    return printable(bare + ":" + (port == nullptr ? "0" : agent::dump_json(*port)));
}

void add_connections(std::string& out, const Json& item, std::size_t pad) {
    const Json* connections = list_member(item, "connections");
    if (connections == nullptr) return;
    out += "\n  Connections:\n";
    for (const auto& connection : *connections) {
        std::vector<Row> rows;
        for (const auto& [label, value] :
             {Row{"Client Address", address_and_port(connection, "client")},
              Row{"Endpoint Address", address_and_port(connection, "endpoint")},
              Row{"Closed Reason", printable(string_member(connection, "closed_reason"))}})
            if (!value.empty()) rows.push_back({label, value});
        // The API writes 64-bit numbers as strings and leaves zero out.
        rows.push_back({"Bytes Down", printable(string_member(connection, "bytes_down", "0"))});
        rows.push_back({"Bytes Up", printable(string_member(connection, "bytes_up", "0"))});
        out += rows_block(std::move(rows), 4, pad) + '\n';
    }
}

} // namespace

std::string item_json(std::int64_t status, const Json& item) {
    Json object = {{"status_code", status}};
    object["item"] = item;
    return agent::dump_json(object) + '\n';
}

std::string item_table(const Resource& resource, const Json& item) {
    static constexpr Column state[] = {{"Status", "status"},
                                       {"Start Time", "start_time", Shown::time},
                                       {"End Time", "end_time", Shown::time}};
    static constexpr Column alias[] = {{"ID", "id", Shown::id}, {"Value", "value"}};
    static constexpr Column host_source[] = {{"Host Catalog ID", "host_catalog_id"},
                                             {"ID", "id", Shown::id}};
    static constexpr Column credential_source[] = {{"Credential Store ID", "credential_store_id"},
                                                   {"ID", "id", Shown::id}};
    static constexpr Column account[] = {{"ID", "id", Shown::id}, {"Scope ID", "scope_id"}};

    std::vector<Row> rows = rows_of(item, resource.item_columns);
    const Json* attributes = find_member(item, "attributes");
    std::vector<Row> attribute_rows;
    if (attributes != nullptr && attributes->is_object()) attribute_rows = object_rows(*attributes);
    const std::size_t pad = longest_key(attribute_rows, longest_key(rows));

    std::string out = "\n" + std::string(resource.title) + " information:\n" +
                      rows_block(std::move(rows), 2, pad);
    add_scope(out, item, pad);
    add_words(out, item, "authorized_actions", "Authorized Actions");
    add_objects(out, item, "accounts", "Accounts", account, pad);
    add_objects(out, item, "aliases", "Aliases", alias, pad);
    add_objects(out, item, "host_sources", "Host Sources", host_source, pad);
    add_objects(out, item, "brokered_credential_sources", "Brokered Credential Sources",
                credential_source, pad);
    add_objects(out, item, "injected_application_credential_sources",
                "Injected Application Credential Sources", credential_source, pad);
    add_words(out, item, "host_set_ids", "Host Set IDs");
    add_words(out, item, "host_ids", "Host IDs");
    add_words(out, item, "ip_addresses", "IP Addresses");
    add_words(out, item, "dns_names", "DNS Names");
    add_objects(out, item, "states", "States", state, pad);
    add_connections(out, item, pad);
    if (!attribute_rows.empty())
        out += "\n  Attributes:\n" + rows_block(std::move(attribute_rows), 4, pad);
    return wrap(out, output_width());
}

std::string credentials_block(const std::vector<Json>& credentials, std::size_t pad) {
    static constexpr Column source_columns[] = {
        {"Credential Source ID", "id", Shown::id},        {"Credential Source Name", "name"},
        {"Credential Source Description", "description"}, {"Credential Source Type", "type"},
        {"Credential Store ID", "credential_store_id"},   {"Credential Type", "credential_type"}};
    if (credentials.empty()) return {};
    std::string out = "\n  Credentials:\n";
    for (const Json& one : credentials) {
        const Json* source = find_member(one, "credential_source");
        std::size_t own_pad = pad;
        if (source != nullptr) {
            std::vector<Row> rows = rows_of(*source, source_columns);
            own_pad = longest_key(rows, pad);
            out += rows_block(std::move(rows), 4, own_pad);
        }
        const Json* typed = find_member(one, "credential");
        const Json* secret = find_member(one, "secret");
        const Json* decoded = secret == nullptr ? nullptr : find_member(*secret, "decoded");
        const Json* shown = typed != nullptr ? typed : decoded;
        out += "    Secret:\n";
        if (shown != nullptr && shown->is_object()) {
            for (const auto& [key, value] : shown->items()) {
                // Keys and keys' texts have lines of their own: print them so that they can be
                // copied.
                const bool text = value.is_string();
                std::string raw = text ? value.get<std::string>() : agent::dump_json(value);
                if (raw.find('\n') == std::string::npos)
                    out += line_at(6, key, printable(std::move(raw)), own_pad + 6);
                else
                    out +=
                        "      " + printable(key) + ":\n" + raw + (raw.back() == '\n' ? "" : "\n");
            }
        } else if (secret != nullptr) {
            out += "      " + printable(string_member(*secret, "raw")) + '\n';
        }
        out += '\n';
    }
    return out;
}

std::string authorization_table(const Json& item) {
    static constexpr Column columns[] = {{"Authorization Token", "authorization_token"},
                                         {"Created Time", "created_time", Shown::time},
                                         {"Endpoint", "endpoint"},
                                         {"Session ID", "session_id"},
                                         {"Target ID", "target_id"},
                                         {"Type", "type"},
                                         {"User ID", "user_id"}};
    std::vector<Row> rows = rows_of(item, columns);
    rows.push_back({"Host ID", printable(string_member(
                                   item, "host_id"))}); // shown even when a direct address has none
    const Json* scope = find_member(item, "scope");
    rows.push_back({"Scope ID", printable(scope == nullptr ? "" : string_member(*scope, "id"))});
    const std::size_t pad = longest_key(rows);
    std::string out =
        wrap("\nTarget information:\n" + rows_block(std::move(rows), 2, pad), output_width());
    const Json* credentials = list_member(item, "credentials");
    if (credentials == nullptr) return out + '\n';
    // Not wrapped: a key or password must stay as it is.
    return out + credentials_block({credentials->begin(), credentials->end()}, pad);
}

std::string login_table(const Json& item) {
    const Json* attributes = find_member(item, "attributes");
    const Json& login = attributes == nullptr ? item : *attributes;
    const std::size_t column = 19;
    return "\nAuthentication information:\n" +
           line_at(2, "Account ID", shown_value(login, {"", "account_id", Shown::id}), column) +
           line_at(2, "Auth Method ID", shown_value(login, {"", "auth_method_id", Shown::id}),
                   column) +
           line_at(2, "Expiration Time", shown_value(login, {"", "expiration_time", Shown::time}),
                   column) +
           line_at(2, "User ID", shown_value(login, {"", "user_id", Shown::id}), column);
}

} // namespace agentctl
