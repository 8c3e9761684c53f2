#include "boundary/protocol.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <cassert>

namespace agent::boundary {

bool is_session_id(std::string_view text) {
    if (!text.starts_with(session_id_prefix) || text.size() > 64) return false;
    text.remove_prefix(session_id_prefix.size());
    const auto is_base62 = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    return !text.empty() && std::ranges::all_of(text, is_base62);
}

std::string alpn_wire_list(std::string_view session_id) {
    assert(!session_id.empty() && session_id.size() < 256);
    std::string list;
    for (const auto entry : {alpn_http, session_id}) {
        list += static_cast<char>(entry.size());
        list += entry;
    }
    return list;
}

std::string_view session_id_in_alpn(std::string_view wire_list) {
    while (!wire_list.empty()) {
        const std::size_t length = static_cast<unsigned char>(wire_list[0]);
        if (length == 0 || length >= wire_list.size()) return {};
        const auto entry = wire_list.substr(1, length);
        if (entry.starts_with(session_id_prefix)) return entry;
        wire_list.remove_prefix(1 + length);
    }
    return {};
}

Secret new_tofu_token() {
    return Secret(random_base62(tofu_token_bytes));
}

} // namespace agent::boundary
