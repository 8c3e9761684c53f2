#include "agentctl/output/list_table.hpp"

#include "agentctl/output/layout.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {

std::string list_table(const Resource& resource, const std::vector<agent::Json>& items,
                       bool recursive) {
    if (items.empty()) return std::string(resource.empty) + "\n";
    std::string out = "\n" + std::string(resource.title) + " information:\n";
    for (std::size_t i = 0; i < items.size(); ++i) {
        const agent::Json& item = items[i];
        if (i > 0) out += '\n';
        out += line_at(2, "ID", shown_value(item, {"ID", "id", Shown::id}), resource.list_column);
        if (recursive)
            out += line_at(4, "Scope ID", shown_value(item, {"Scope ID", "scope_id", Shown::id}),
                           resource.list_column);
        for (const Column& column : resource.list_columns) {
            const std::string value = shown_value(item, column);
            if (!value.empty()) out += line_at(4, column.label, value, resource.list_column);
        }
        const agent::Json* actions = agent::find_member(item, "authorized_actions");
        if (actions == nullptr || !actions->is_array() || actions->empty()) continue;
        out += "    Authorized Actions:\n";
        for (const auto& action : *actions)
            if (action.is_string()) out += "      " + printable(action.get<std::string>()) + '\n';
    }
    return wrap(out, output_width());
}

} // namespace agentctl
