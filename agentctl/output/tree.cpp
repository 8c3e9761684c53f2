#include "agentctl/output/tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace agentctl {

using agent::Json;

std::vector<Row> rows_of(const Json& item, std::span<const Column> columns) {
    std::vector<Row> rows;
    for (const Column& column : columns) {
        std::string value = shown_value(item, column);
        if (!value.empty()) rows.push_back({std::string(column.label), std::move(value)});
    }
    return rows;
}

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

bool holds_objects(const Json& value) {
    return value.is_object() || (value.is_array() && !value.empty() && value[0].is_object());
}

void add_tree(std::string& out, const Json& value, std::size_t indent, const LabelOf& label) {
    if (value.is_array()) {
        for (const auto& one : value) {
            if (holds_objects(one)) {
                add_tree(out, one, indent, label);
                out += '\n';
            } else {
                out += std::string(indent, ' ') + plain_value(one) + '\n';
            }
        }
        return;
    }
    if (!value.is_object()) {
        out += std::string(indent, ' ') + plain_value(value) + '\n';
        return;
    }
    for (const auto& [key, inner] : value.items()) {
        if (inner.is_null()) continue;
        if (holds_objects(inner)) {
            out += std::string(indent, ' ') + label(key) + ":\n";
            add_tree(out, inner, indent + 2, label);
        } else {
            out += line_at(indent, label(key), plain_value(inner), 0);
        }
    }
}

} // namespace agentctl
