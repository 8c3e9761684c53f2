#pragma once
// The layout of Boundary's tables: wrapped lines, aligned "Key: value" rows, titled blocks. Pure
// text; used by every table that agentctl prints.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

struct Row {
    std::string key;
    std::string value;
};

/// The terminal's width, or 80 when standard output is none.
std::size_t output_width();

/// Breaks each line between words at `width`; what a line was indented by, its continuations are
/// too. A word that is longer than a line stands alone on one. Spaces at the ends of lines go.
std::string wrap(std::string_view text, std::size_t width);

/// Length of the longest key, at least `least`.
std::size_t longest_key(const std::vector<Row>& rows, std::size_t least = 17);

/// Rows in byte order of their keys. `pad` is longest_key() of the outermost rows: values start at
/// column pad + 6 there (two spaces, key, colon, gap) and at the same column in nested blocks.
std::string rows_block(std::vector<Row> rows, std::size_t indent, std::size_t pad);

/// One line: `indent` spaces, "Key:", then the value at `column` (at least one space after the
/// colon).
std::string line_at(std::size_t indent, std::string_view key, std::string_view value,
                    std::size_t column);

} // namespace agentctl
