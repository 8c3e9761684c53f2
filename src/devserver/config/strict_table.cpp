#include "devserver/config/strict_table.hpp"

#include <fmt/format.h>

namespace devserver {

const toml::node* StrictTable::find(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
}

toml::source_position StrictTable::position(std::string_view key) const {
    const auto* node = table_.get(key);
    return node != nullptr ? node->source().begin : table_.source().begin;
}

void StrictTable::refuse(std::string_view key, std::string_view why) const {
    throw ConfigProblem{position(key), fmt::format("{}: {}: {}", kind_, key, why)};
}

std::string StrictTable::text(std::string_view key) {
    auto value = text_or(key, {});
    if (value.empty()) refuse(key, table_.contains(key) ? "must not be empty" : "is missing");
    return value;
}

std::string StrictTable::text_or(std::string_view key, std::string otherwise) {
    const auto* node = find(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_string();
    if (value == nullptr) refuse(key, "must be a string");
    return value->get();
}

std::optional<std::int64_t> StrictTable::number(std::string_view key, std::int64_t least,
                                                std::int64_t most) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_integer();
    if (value == nullptr) refuse(key, "must be a whole number");
    if (value->get() < least || value->get() > most)
        refuse(key, fmt::format("must be from {} to {}", least, most));
    return value->get();
}

std::vector<std::string> StrictTable::texts(std::string_view key) {
    std::vector<std::string> out;
    const auto* node = find(key);
    if (node == nullptr) return out;
    const auto* values = node->as_array();
    if (values == nullptr) refuse(key, "must be a list of strings");
    for (const auto& element : *values) {
        const auto* value = element.as_string();
        if (value == nullptr)
            throw ConfigProblem{element.source().begin,
                                fmt::format("{}: {}: must be a string", kind_, key)};
        out.push_back(value->get());
    }
    return out;
}

const toml::table* StrictTable::table(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return nullptr;
    const auto* value = node->as_table();
    if (value == nullptr) refuse(key, "must be a table");
    return value;
}

const toml::array& StrictTable::list(std::string_view key) {
    const auto* node = find(key);
    const auto* values = node != nullptr ? node->as_array() : nullptr;
    if (values == nullptr) refuse(key, fmt::format("write each one as [[{}]]", key));
    return *values;
}

void StrictTable::finish() const {
    for (const auto& [key, node] : table_)
        if (!known_.contains(key.str()))
            throw ConfigProblem{key.source().begin,
                                fmt::format("{}: {} is not known here", kind_, key.str())};
}

} // namespace devserver
