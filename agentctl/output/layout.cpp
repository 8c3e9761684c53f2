#include "agentctl/output/layout.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace agentctl {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Code points, near enough to columns for names and descriptions.
std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void wrap_line(std::string& out, std::string_view line, std::size_t width) {
    const std::string_view words = trimmed(line);
    const std::size_t indent =
        words.empty() ? 0 : static_cast<std::size_t>(words.data() - line.data());
    const std::size_t limit = width > indent ? width - indent : 1;
    out.append(indent, ' ');
    std::size_t used = 0;
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t word_at = words.find_first_not_of(' ', at);
        const std::size_t end = std::min(words.find(' ', word_at), words.size());
        const std::string_view gap = words.substr(at, word_at - at),
                               word = words.substr(word_at, end - word_at);
        if (used > 0 && used + gap.size() + columns(word) > limit) {
            out += '\n';
            out.append(indent, ' ');
            used = 0;
        } else {
            out += gap;
            used += gap.size();
        }
        out += word;
        used += columns(word);
        at = end;
    }
}

} // namespace

std::size_t output_width() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col == 0)
        return 80;
    return size.ws_col;
}

std::string wrap(std::string_view text, std::size_t width) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        wrap_line(out, text.substr(at, end - at), width);
        if (end < text.size()) out += '\n';
        at = end + 1;
    }
    return out;
}

std::size_t longest_key(const std::vector<Row>& rows, std::size_t least) {
    for (const Row& row : rows) least = std::max(least, row.key.size());
    return least;
}

std::string rows_block(std::vector<Row> rows, std::size_t indent, std::size_t pad) {
    std::ranges::sort(rows, {}, &Row::key);
    std::string out;
    for (const Row& row : rows) out += line_at(indent, row.key, row.value, pad + 6);
    return out;
}

std::string line_at(std::size_t indent, std::string_view key, std::string_view value,
                    std::size_t column) {
    std::string line(indent, ' ');
    line.append(key).append(": ");
    if (line.size() < column) line.append(column - line.size(), ' ');
    return line.append(value) + '\n';
}

} // namespace agentctl
