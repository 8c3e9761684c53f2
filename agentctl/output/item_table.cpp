#include "agentctl/output/item_table.hpp"

#include "agentctl/output/item_blocks.hpp"
#include "agentctl/output/tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace agentctl {
namespace {

using agent::find_member;
using agent::Json;

/// The API's own name where the resource has no label for it, as the reference prints it.
LabelOf labels_of(const Resource& resource) {
    return [&resource](const std::string& member) {
        const auto found = std::ranges::find(resource.attribute_labels, member, &Column::member);
        return found == resource.attribute_labels.end() ? printable(member)
                                                        : std::string(found->label);
    };
}

struct Attributes {
    std::vector<Row> rows;
    std::string trees; ///< what needs more than a line
};

Attributes attributes_of(const Resource& resource, const Json& item) {
    Attributes found;
    const Json* attributes = find_member(item, "attributes");
    if (attributes == nullptr || !attributes->is_object()) return found;
    const LabelOf label = labels_of(resource);
    for (const auto& [key, value] : attributes->items()) {
        if (value.is_null()) continue;
        if (!holds_objects(value)) {
            found.rows.push_back({label(key), plain_value(value)});
            continue;
        }
        found.trees += "    " + label(key) + ":\n";
        add_tree(found.trees, value, 6, label);
    }
    return found;
}

void add_scope(std::string& out, const Resource& resource, const Json& item, std::size_t pad) {
    static constexpr Column columns[] = {{"ID", "id", Shown::id},
                                         {"Name", "name"},
                                         {"Parent Scope ID", "parent_scope_id"},
                                         {"Type", "type"}};
    const Json* scope = find_member(item, "scope");
    if (scope != nullptr && scope->is_object())
        out += std::string(resource.collection == "scopes" ? "\n  Scope (parent):\n"
                                                           : "\n  Scope:\n") +
               rows_block(rows_of(*scope, columns), 4, pad);
}

/// What may be done with the collections below this item.
void add_collections(std::string& out, const Resource& resource, const Json& item) {
    const Json* collections = find_member(item, "authorized_collection_actions");
    if (collections == nullptr || !collections->is_object() || collections->empty()) return;
    std::map<std::string, const Json*> sorted;
    for (const auto& [name, actions] : collections->items()) sorted[name] = &actions;
    out += "\n  Authorized Actions on " + std::string(resource.title) + "'s Collections:\n";
    for (const auto& [name, actions] : sorted) {
        out += "    " + printable(name) + ":\n";
        if (!actions->is_array()) continue;
        for (const auto& action : *actions)
            if (action.is_string()) out += "      " + printable(action.get<std::string>()) + '\n';
    }
}

} // namespace

std::string item_json(std::int64_t status, const Json& item) {
    Json object = {{"status_code", status}};
    object["item"] = item;
    return agent::dump_json(object) + '\n';
}

std::string item_table(const Resource& resource, const Json& item) {
    std::vector<Row> rows = rows_of(item, resource.item_columns);
    Attributes attributes = attributes_of(resource, item);
    const std::size_t pad = longest_key(attributes.rows, longest_key(rows));

    std::string out = "\n" + std::string(resource.title) + " information:\n" +
                      rows_block(std::move(rows), 2, pad);
    add_scope(out, resource, item, pad);
    add_words(out, find_member(item, "authorized_actions"), "Authorized Actions");
    add_collections(out, resource, item);
    for (const Block& block : resource.blocks) add_block(out, block, item, pad);
    if (!attributes.rows.empty() || !attributes.trees.empty())
        out +=
            "\n  Attributes:\n" + rows_block(std::move(attributes.rows), 4, pad) + attributes.trees;
    return wrap(out, output_width());
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
