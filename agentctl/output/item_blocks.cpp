#include "agentctl/output/item_blocks.hpp"

#include "agentctl/output/tree.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

using agent::find_member;
using agent::Json;
using agent::string_member;

const Json* list_member(const Json& item, std::string_view name) {
    const Json* list = find_member(item, name);
    return list != nullptr && list->is_array() && !list->empty() ? list : nullptr;
}

// Each element's rows, and an empty line after each.
void add_objects(std::string& out, const Json* objects, std::string_view title,
                 std::span<const Column> columns, std::size_t pad) {
    if (objects == nullptr || !objects->is_array() || objects->empty()) return;
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

/// "    ID:             r_1", then what else there is of each; no empty lines between.
void add_principals(std::string& out, const Json* list, std::string_view title) {
    static constexpr Column rest[] = {{"Type", "type"}, {"Scope ID", "scope_id"}};
    if (list == nullptr || !list->is_array() || list->empty()) return;
    out += "\n  " + std::string(title) + ":\n";
    for (const auto& one : *list) {
        out += line_at(4, "ID",
                       one.is_string() ? printable(one.get<std::string>())
                                       : shown_value(one, {"ID", "id", Shown::id}),
                       20);
        for (const Column& column : rest)
            if (const auto value = shown_value(one, column); !value.empty())
                out += line_at(6, column.label, value, 20);
    }
}

void add_grants(std::string& out, const Json* grants, std::string_view title) {
    if (grants == nullptr || !grants->is_array() || grants->empty()) return;
    out += "\n  " + std::string(title) + ":\n";
    for (const auto& grant : *grants)
        out += "    " + printable(string_member(grant, "canonical")) + '\n';
}

void add_tags(std::string& out, const Json& item) {
    static constexpr Column kinds[] = {
        {"Configuration", "config_tags"}, {"Api", "api_tags"}, {"Canonical", "canonical_tags"}};
    std::string inner;
    for (const Column& kind : kinds) {
        const Json* tags = find_member(item, kind.member);
        if (tags == nullptr || !tags->is_object() || tags->empty()) continue;
        inner += "    " + std::string(kind.label) + ":\n";
        add_tree(inner, *tags, 6, [](const std::string& key) { return printable(key); });
    }
    if (!inner.empty()) out += "\n  Tags:\n" + inner;
}

} // namespace

void add_words(std::string& out, const Json* words, std::string_view title) {
    if (words == nullptr || !words->is_array() || words->empty()) return;
    out += "\n  " + std::string(title) + ":\n";
    for (const auto& word : *words)
        if (word.is_string()) out += "    " + printable(word.get<std::string>()) + '\n';
}

void add_block(std::string& out, const Block& block, const Json& item, std::size_t pad) {
    const Json* member = member_at(item, block.member);
    switch (block.kind) {
    case BlockKind::rows:
        return add_objects(out, member, block.title, block.columns, pad);
    case BlockKind::words:
        return add_words(out, member, block.title);
    case BlockKind::ids:
    case BlockKind::principals:
        return add_principals(out, member, block.title);
    case BlockKind::grants:
        return add_grants(out, member, block.title);
    case BlockKind::connections:
        return add_connections(out, item, pad);
    case BlockKind::tags:
        return add_tags(out, item);
    case BlockKind::row:
        if (member == nullptr || !member->is_object()) return;
        out += "\n  " + std::string(block.title) + ":\n" +
               rows_block(rows_of(*member, block.columns), 4, pad);
        return;
    case BlockKind::object:
        if (member == nullptr || member->empty()) return;
        out += "\n  " + std::string(block.title) + ":\n";
        return add_tree(out, *member, 4, label_of);
    }
}

} // namespace agentctl
