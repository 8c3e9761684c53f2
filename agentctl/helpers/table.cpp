#include "agentctl/helpers/table.hpp"

#include <algorithm>
#include <array>

namespace agentctl::helpers {
namespace {

constexpr std::array<const Helper*, 9> table{&cassandra, &http, &kube,  &mongo, &mysql,
                                             &postgres,  &rdp,  &redis, &ssh};

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

} // namespace

std::span<const Helper* const> all() {
    return table;
}

const Helper* find(std::string_view name) {
    const auto found = std::ranges::find(table, name, &Helper::name);
    return found == table.end() ? nullptr : *found;
}

std::string names() {
    std::string text;
    for (const Helper* one : table) text += (text.empty() ? "" : ", ") + std::string(one->name);
    return text;
}

const Style* Helper::find_style(std::string_view wanted) const {
    const auto found = std::ranges::find(styles, lower_case(wanted), &Style::name);
    return found == styles.end() ? nullptr : &*found;
}

HelperFlag style_flag(std::string_view help, std::string_view environment) {
    return {"style", &HelperOptions::style, help, environment};
}

HelperFlag username_flag() {
    return {"username", &HelperOptions::username,
            "Who to log in as; a brokered user name comes first.", "BOUNDARY_CONNECT_USERNAME"};
}

HelperFlag dbname_flag() {
    return {"dbname", &HelperOptions::dbname, "The database to open.", "BOUNDARY_CONNECT_DBNAME"};
}

} // namespace agentctl::helpers
