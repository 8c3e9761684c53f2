// What brokered credentials look like in the tables of authorize-session and connect.

#include "agentctl/output/item_table.hpp"
#include "agentctl/output/tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agentctl {
namespace {

using agent::find_member;
using agent::Json;
using agent::printable_lines;
using agent::string_member;

/// "    Secret:" and what it holds; values at `column`, 0: three behind the longest key.
void add_secret(std::string& out, const Json& credential, std::size_t column) {
    const Json* typed = find_member(credential, "credential");
    const Json* secret = find_member(credential, "secret");
    const Json* decoded = secret == nullptr ? nullptr : find_member(*secret, "decoded");
    const Json* shown = typed != nullptr ? typed : decoded;
    out += "    Secret:\n";
    if (shown == nullptr || !shown->is_object()) {
        if (secret != nullptr) out += "      " + printable(string_member(*secret, "raw")) + '\n';
        return;
    }
    if (column == 0)
        for (const auto& [key, value] : shown->items()) column = std::max(column, key.size() + 10);
    for (const auto& [key, value] : shown->items()) {
        // Keys and keys' texts have lines of their own: print them so that they can be copied.
        const bool text = value.is_string();
        std::string raw = text ? value.get<std::string>() : agent::dump_json(value);
        if (raw.find('\n') == std::string::npos)
            out += line_at(6, printable(key), printable(std::move(raw)), column);
        else
            out += "      " + printable(key) + ":\n" + printable_lines(raw) +
                   (raw.back() == '\n' ? "" : "\n");
    }
}

std::string authorized_credentials(const Json& credentials) {
    static constexpr Column columns[] = {{"Credential Store ID", "credential_store_id"},
                                         {"Credential Source ID", "id", Shown::id},
                                         {"Credential Source Type", "type"},
                                         {"Credential Source Name", "name"},
                                         {"Credential Source Description", "description"},
                                         {"Credential Type", "credential_type"}};
    std::string out = "\n  Credentials:\n";
    for (const Json& one : credentials) {
        if (const Json* source = find_member(one, "credential_source"))
            for (const Column& column : columns)
                if (const auto value = shown_value(*source, column); !value.empty())
                    out += line_at(4, column.label, value, 35);
        add_secret(out, one, 0);
        out += '\n';
    }
    return out;
}

} // namespace

std::string credentials_block(const std::vector<Json>& credentials, std::size_t pad,
                              std::string_view type_label) {
    const Column source_columns[] = {
        {"Credential Source ID", "id", Shown::id},        {"Credential Source Name", "name"},
        {"Credential Source Description", "description"}, {type_label, "type"},
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
        add_secret(out, one, own_pad + 6);
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
    const Json* credentials = find_member(item, "credentials");
    if (credentials == nullptr || !credentials->is_array() || credentials->empty())
        return out + '\n';
    // Not wrapped: a key or password must stay as it is.
    return out + authorized_credentials(*credentials);
}

} // namespace agentctl
