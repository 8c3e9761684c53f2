#include "base/printable.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace agent {
namespace {

struct Range {
    char32_t first, last;
};

/// Unicode's characters that are there and not seen, and those that turn the text around.
constexpr Range unseen[] = {
    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFC},   {0xFFFE, 0xFFFF},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE00FF}, {0xE01F0, 0xE0FFF},
};
constexpr Range selectors[] = {{0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}};

template <std::size_t n> bool in(const Range (&ranges)[n], char32_t c) {
    return std::any_of(std::begin(ranges), std::end(ranges),
                       [c](const Range& one) { return c >= one.first && c <= one.last; });
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

/// One character from `at` on, which moves behind it; false: its first byte is none of UTF-8, and
/// `at` is behind that.
bool take(std::string_view text, std::size_t& at, char32_t& c) {
    const auto first = static_cast<unsigned char>(text[at++]);
    c = first;
    if (first < 0x80) return true;
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || text.size() - at < more) return false;
    c = first & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xC0U) != 0x80U) return false;
        c = (c << 6U) | (next & 0x3FU);
    }
    const bool overlong = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
    if (overlong || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) return false;
    at += more;
    return true;
}

std::string cleaned(std::string_view text, bool keep_lines) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        char32_t c = 0;
        if (!take(text, at, c) || in(unseen, c))
            out += "\xEF\xBF\xBD"; // U+FFFD
        else if (is_control(c))
            out += keep_lines && c == '\n' ? '\n' : ' ';
        else if (!in(selectors, c))
            out += text.substr(begin, at - begin);
    }
    return out;
}

} // namespace

std::string printable(std::string_view text) {
    return cleaned(text, false);
}

std::string printable_lines(std::string_view text) {
    return cleaned(text, true);
}

} // namespace agent
