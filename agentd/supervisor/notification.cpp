#include "agentd/supervisor/notification.hpp"

#include <algorithm>

namespace supervisor {
namespace {

constexpr std::size_t longest_name = 255;
constexpr std::string_view name_key = "FDNAME=";

bool is_name(std::string_view text) {
    const auto allowed = [](char c) { return c > ' ' && c < 0x7f && c != ':'; };
    return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, allowed);
}

} // namespace

Notification parse_notification(std::string_view text) {
    Notification said;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line == "READY=1") said.ready = true;
        if (line == "STOPPING=1") said.stopping = true;
        if (line == "WATCHDOG=1") said.watchdog = true;
        if (line == "FDSTORE=1") said.store = true;
        if (line == "FDSTOREREMOVE=1") said.forget = true;
        if (line.starts_with(name_key) && is_name(line.substr(name_key.size())))
            said.name = std::string(line.substr(name_key.size()));
    }
    return said;
}

} // namespace supervisor
