#include "agentctl/output/resource.hpp"

#include "base/time.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
const agent::Json* member_at(const agent::Json& item, std::string_view path) {
    const agent::Json* place = &item;
    while (place != nullptr) {
        const auto dot = path.find('.');
        place = agent::find_member(*place, path.substr(0, dot));
        if (dot == path.npos) break;
        path = path.substr(dot + 1);
    }
    return place;
}

std::string shown_time(const std::string& rfc3339) {
    auto shown = agent::rfc1123_of(rfc3339);
    return shown ? std::move(*shown) : printable(rfc3339);
}

std::string plain_value(const agent::Json& value) {
    if (value.is_string()) return printable(value.get<std::string>());
    if (!value.is_array()) return printable(agent::dump_json(value));
    std::string list;
    for (const auto& one : value) list += (list.empty() ? "" : " ") + plain_value(one);
    return "[" + list + "]";
}

std::string shown_value(const agent::Json& item, const Column& column) {
    const agent::Json* member = member_at(item, column.member);
    if (member == nullptr) return column.shown == Shown::id ? "(not available)" : "";
    switch (column.shown) {
    case Shown::time:
        return member->is_string() ? shown_time(member->get<std::string>()) : "";
    case Shown::truth:
        return member->is_boolean() && member->get<bool>() ? "true" : "";
    case Shown::id:
        if (member->is_string() && member->get_ref<const std::string&>().empty())
            return "(not available)";
        break;
    case Shown::text:
    case Shown::number:
        break;
    }
    return plain_value(*member);
}

} // namespace agentctl
