#include "boundary/utf8.hpp"

#include <cstdint>

namespace agent::boundary {

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i++]);
        if (first < 0x80) continue;
        int more = 0;
        std::uint32_t point = 0, smallest = 0;
        if ((first & 0xe0) == 0xc0) {
            more = 1, point = first & 0x1fu, smallest = 0x80;
        } else if ((first & 0xf0) == 0xe0) {
            more = 2, point = first & 0x0fu, smallest = 0x800;
        } else if ((first & 0xf8) == 0xf0) {
            more = 3, point = first & 0x07u, smallest = 0x10000;
        } else {
            return false;
        }
        for (; more > 0; --more) {
            if (i == text.size()) return false;
            const auto next = static_cast<unsigned char>(text[i++]);
            if ((next & 0xc0) != 0x80) return false;
            point = point << 6 | (next & 0x3fu);
        }
        if (point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return false;
    }
    return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    return text.substr(0, limit);
}

} // namespace agent::boundary
