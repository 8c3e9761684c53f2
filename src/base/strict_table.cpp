#include "base/strict_table.hpp"

#include "base/duration.hpp"

#include <fmt/format.h>

namespace agent {

const toml::node* StrictTable::find(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
}

void StrictTable::refuse(std::string_view key, std::string_view why) {
    const auto* node = table_.get(key);
    const auto at = node != nullptr ? node->source().begin : table_.source().begin;
    errors_.refused(at, name_, key, why);
}

void StrictTable::refuse_all(std::string_view why) {
    errors_.refused(table_.source().begin, name_, {}, why);
}

std::string StrictTable::any_text(std::string_view key, std::string otherwise) {
    const auto* node = find(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_string();
    if (value == nullptr) {
        refuse(key, "must be a string");
        return {};
    }
    if (value->get().find('\0') != std::string::npos) refuse(key, "must not contain a NUL");
    return value->get();
}

std::string StrictTable::text(std::string_view key, std::string otherwise) {
    const auto* node = find(key);
    if (node != nullptr && node->is_string() && node->as_string()->get().empty())
        refuse(key, "must not be empty");
    return any_text(key, std::move(otherwise));
}

std::string StrictTable::required_text(std::string_view key) {
    if (find(key) == nullptr) refuse(key, "is missing");
    return text(key);
}

std::vector<std::string> StrictTable::texts(std::string_view key) {
    std::vector<std::string> out;
    const auto* node = find(key);
    if (node == nullptr) return out;
    const auto* values = node->as_array();
    if (values == nullptr) {
        refuse(key, "must be a list of strings");
        return out;
    }
    for (const auto& element : *values) {
        const auto* value = element.as_string();
        if (value == nullptr)
            errors_.refused(element.source().begin, name_, key, "must be a string");
        else
            out.push_back(value->get());
    }
    return out;
}

bool StrictTable::flag(std::string_view key, bool otherwise) {
    const auto* node = find(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_boolean();
    if (value == nullptr) {
        refuse(key, "must be true or false");
        return otherwise;
    }
    return value->get();
}

std::optional<std::int64_t> StrictTable::number(std::string_view key, std::int64_t least,
                                                std::int64_t most) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_integer();
    if (value == nullptr)
        refuse(key, "must be a whole number");
    else if (value->get() < least || value->get() > most)
        refuse(key, fmt::format("must be from {} to {}", least, most));
    else
        return value->get();
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> StrictTable::duration(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_string();
    if (value != nullptr) {
        const auto duration = parse_duration(value->get());
        if (duration && duration->count() >= 0) return duration;
    }
    refuse(key, "must be a duration such as \"30s\" or \"1h5m\", or \"0\"");
    return std::nullopt;
}

const toml::table* StrictTable::table(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return nullptr;
    const auto* value = node->as_table();
    if (value == nullptr) refuse(key, "must be a table");
    return value;
}

std::vector<const toml::table*> StrictTable::tables(std::string_view key) {
    std::vector<const toml::table*> out;
    const auto* node = find(key);
    if (node == nullptr) return out;
    const auto wanted = fmt::format("write each one as [[{}]]", key);
    const auto* elements = node->as_array();
    if (elements == nullptr) {
        refuse(key, wanted);
        return out;
    }
    for (const auto& element : *elements) {
        const auto* entry = element.as_table();
        if (entry == nullptr)
            errors_.refused(element.source().begin, std::string(key), {}, wanted);
        else
            out.push_back(entry);
    }
    return out;
}

void StrictTable::finish() {
    for (const auto& [key, node] : table_)
        if (!known_.contains(key.str()))
            errors_.unknown(key.source().begin, name_, key.str(), known_);
}

} // namespace agent
