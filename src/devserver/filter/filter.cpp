#include "devserver/filter/filter.hpp"

#include "devserver/filter/filter_node.hpp"

#include <charconv>
#include <cmath>

namespace devserver {

namespace {

using agent::Json;

const Json* find(const Json& item, const std::vector<std::string>& path) {
    if (path.empty() || path.front() != "item") return nullptr;
    const Json* at = &item;
    for (std::size_t i = 1; i < path.size() && at != nullptr; ++i) {
        if (at->is_array()) {
            std::size_t index = 0;
            const auto& text = path[i];
            const auto [end, problem] =
                std::from_chars(text.data(), text.data() + text.size(), index);
            const bool good =
                problem == std::errc{} && end == text.data() + text.size() && index < at->size();
            at = good ? &(*at)[index] : nullptr;
        } else {
            at = agent::find_member(*at, path[i]);
        }
    }
    return at != nullptr && at->is_null() ? nullptr : at;
}

/// The value's text read as whatever the item holds there.
bool equal(const Json& found, const std::string& value) {
    if (found.is_string()) return found.get_ref<const std::string&>() == value;
    if (found.is_boolean()) return value == (found.get<bool>() ? "true" : "false");
    if (found.is_number_integer()) {
        if (found.dump() == value) return true; // digit for digit, also above 2^53
    }
    if (found.is_number()) {
        double number = 0;
        const auto [end, problem] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        return problem == std::errc{} && end == value.data() + value.size() &&
               number == found.get<double>();
    }
    return false;
}

bool contains(const Json& found, const std::string& value) {
    if (found.is_string())
        return found.get_ref<const std::string&>().find(value) != std::string::npos;
    if (found.is_object()) return found.contains(value);
    if (!found.is_array()) return false;
    for (const auto& element : found)
        if (equal(element, value)) return true;
    return false;
}

bool empty(const Json& found) {
    if (found.is_string()) return found.get_ref<const std::string&>().empty();
    return (found.is_array() || found.is_object()) && found.empty();
}

bool compare(const FilterNode& node, const Json& item) {
    const Json* found = find(item, node.path);
    if (found == nullptr) return node.kind == FilterNode::Kind::is_empty && !node.negated;
    bool holds = false;
    switch (node.kind) {
    case FilterNode::Kind::equals:
        holds = equal(*found, node.value);
        break;
    case FilterNode::Kind::contains:
        holds = contains(*found, node.value);
        break;
    case FilterNode::Kind::is_empty:
        holds = empty(*found);
        break;
    default:
        if (!found->is_string()) return false;
        holds = node.pattern->found_in(found->get_ref<const std::string&>());
    }
    return holds != node.negated;
}

bool evaluate(const FilterNode& node, const Json& item) {
    switch (node.kind) {
    case FilterNode::Kind::all_of:
        for (const auto& part : node.parts)
            if (!evaluate(*part, item)) return false;
        return true;
    case FilterNode::Kind::any_of:
        for (const auto& part : node.parts)
            if (evaluate(*part, item)) return true;
        return false;
    case FilterNode::Kind::negation:
        return !evaluate(*node.parts.front(), item);
    default:
        return compare(node, item);
    }
}

} // namespace

bool Filter::matches(const Json& item) const {
    return evaluate(*root_, item);
}

} // namespace devserver
