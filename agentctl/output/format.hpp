#pragma once
// The two output formats, and the one place that writes to standard output.

#include <string_view>

namespace agentctl {

enum class Format { table, json };

/// Writes and flushes: scripts read the listening block from a pipe while the command goes on.
void print_out(std::string_view text);
void print_error(std::string_view text);

} // namespace agentctl
