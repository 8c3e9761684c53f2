#include "agentctl/api/grant.hpp"

#include "base/json.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

struct Said {
    bool actions = false, output_fields = false;
};

std::optional<std::string> judge(const Said& said) {
    if (!said.actions && !said.output_fields) return "missing actions";
    return std::nullopt;
}

std::optional<std::string> json_problem(std::string_view grant) {
    const auto parsed = agent::parse_json(grant);
    if (!parsed) return "it begins with { and is not JSON";
    if (!parsed->is_object()) return "it is not a JSON object";
    Said said;
    const auto* actions = agent::find_member(*parsed, "actions");
    said.actions = actions != nullptr && actions->is_array() && !actions->empty();
    said.output_fields = agent::find_member(*parsed, "output_fields") != nullptr;
    return judge(said);
}

} // namespace

std::optional<std::string> grant_problem(std::string_view grant) {
    if (grant.empty()) return "it is empty";
    if (grant.front() == '{') return json_problem(grant);
    Said said;
    for (std::size_t at = 0; at <= grant.size();) {
        const auto end = std::min(grant.find(';', at), grant.size());
        const auto segment = grant.substr(at, end - at);
        at = end + 1;
        if (segment.empty()) continue;
        const auto equals = segment.find('=');
        if (equals == segment.npos || equals == 0)
            return "segment \"" + std::string(segment) + "\" is not formatted as key=value";
        const auto key = segment.substr(0, equals), value = segment.substr(equals + 1);
        if (key == "actions" && !value.empty()) said.actions = true;
        if (key == "output_fields") said.output_fields = true;
        if ((key == "ids" || key == "id" || key == "type") && value.empty())
            return "missing value of " + std::string(key);
    }
    return judge(said);
}

} // namespace agentctl
