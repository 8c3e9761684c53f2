#include "agentctl/output/special_tables.hpp"

#include "agentctl/output/layout.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

using agent::Json;

struct Line {
    std::size_t indent;
    Column column;
};

void add_lines(std::string& out, const Json& item, std::span<const Line> lines, std::size_t at) {
    for (const Line& line : lines) {
        const std::string value = shown_value(item, line.column);
        if (!value.empty()) out += line_at(line.indent, line.column.label, value, at);
    }
}

bool has_none(const Json* items) {
    return items == nullptr || !items->is_array() || items->empty();
}

std::string information(const Json& items, std::string_view title, std::span<const Line> lines,
                        std::size_t at) {
    std::string out = "\n" + std::string(title) + " information:\n";
    bool first = true;
    for (const Json& item : items) {
        if (!first) out += '\n';
        first = false;
        add_lines(out, item, lines, at);
    }
    return out;
}

} // namespace

std::string keys_table(const Json* items) {
    static constexpr Line lines[] = {{2, {"ID", "id", Shown::id}},
                                     {4, {"Scope ID", "scope.id"}},
                                     {4, {"Type", "type"}},
                                     {4, {"Purpose", "purpose"}}};
    static constexpr Line version[] = {{6, {"Version", "version"}},
                                       {8, {"ID", "id"}},
                                       {8, {"Created", "created_time", Shown::time}}};
    if (has_none(items)) return "No keys found\n";
    std::string out = "\nKey information:\n";
    bool first = true;
    for (const Json& key : *items) {
        if (!first) out += '\n';
        first = false;
        add_lines(out, key, lines, 15);
        out += "    Key Versions:\n";
        const Json* versions = agent::find_member(key, "versions");
        if (versions == nullptr || !versions->is_array()) continue;
        for (const Json& one : *versions) add_lines(out, one, version, 17);
    }
    return wrap(out, output_width());
}

std::string key_jobs_table(const Json* items) {
    static constexpr Line lines[] = {
        {2, {"Key version ID", "key_version_id"}},     {4, {"Scope ID", "scope.id"}},
        {4, {"Started", "created_time", Shown::time}}, {4, {"Status", "status"}},
        {4, {"Rows completed", "completed_count"}},    {4, {"Total rows", "total_count"}}};
    if (has_none(items)) return "No keys version destruction jobs found\n";
    return wrap(information(*items, "Key version destruction job", lines, 20), output_width());
}

std::string active_users_table(const Json* items) {
    static constexpr Line lines[] = {{2, {"Count", "count"}},
                                     {2, {"Start Time", "start_time", Shown::time}},
                                     {2, {"End Time", "end_time", Shown::time}}};
    if (has_none(items)) return "No monthly active users found\n";
    return wrap(information(*items, "Billing", lines, 23), output_width());
}

std::string authority_table(const Json& item) {
    static constexpr Line lines[] = {{2, {"ID", "id", Shown::id}},
                                     {2, {"Public Key Sha256", "public_key_sha256"}},
                                     {2, {"Not Before Time", "not_before_time"}},
                                     {2, {"Not After Time", "not_after_time"}}};
    const Json* certificates = agent::find_member(item, "certs");
    if (has_none(certificates)) return "No certificate authority found\n";
    return wrap(information(*certificates, "Worker certificate authority", lines, 29),
                output_width());
}

} // namespace agentctl
