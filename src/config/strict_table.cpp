#include "config/strict_table.hpp"

#include "base/duration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace agent::config {

const toml::node* StrictTable::find(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
}

void StrictTable::refuse(std::string_view key, std::string_view why) {
    const auto* node = table_.get(key);
    const auto at = node != nullptr ? node->source().begin : table_.source().begin;
    problems_.push_back({at, fmt::format("{}: {} {}", what_, key, why)});
}

void StrictTable::refuse_all(std::string_view why) {
    problems_.push_back({table_.source().begin, fmt::format("{}: {}", what_, why)});
}

std::string StrictTable::text(std::string_view key, std::string otherwise) {
    const auto* node = find(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_string();
    if (value == nullptr) {
        refuse(key, "must be a string");
        return {};
    }
    if (value->get().empty()) refuse(key, "must not be empty");
    if (value->get().find('\0') != std::string::npos) refuse(key, "must not contain a NUL");
    return value->get();
}

std::string StrictTable::required_text(std::string_view key) {
    if (find(key) == nullptr) refuse(key, "is missing");
    return text(key);
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

void StrictTable::finish() {
    for (const auto& [key, node] : table_)
        if (!known_.contains(key.str()))
            problems_.push_back(
                {key.source().begin, fmt::format("{}: {} is not known; the keys here are {}", what_,
                                                 key.str(), fmt::join(known_, ", "))});
}

} // namespace agent::config
