#pragma once
// Log lines to stderr with sd-daemon.h level prefixes ("<6>"), which journald reads, or on a
// terminal with the time and the level's word. key=value fields, never secrets: wrap those in
// Secret, whose only printed form is ***.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace agent::log {

enum class Level : std::uint8_t { error = 3, warning = 4, info = 6, debug = 7 };

/// Lines of a level above AGENTD_LOG=debug|info|warning|error are dropped, of debug without it.
void set_level_from_environment();
bool enabled(Level level);
void write(Level level, std::string_view line);

/// The file at `path`, if it is there that stderr leads: it begins anew when it has grown beyond
/// `bytes`. Several processes may append to it and say so. Any other file stays as it is, and so
/// does one that has other names.
void bound_file(const std::string& path, std::int64_t bytes = 4 << 20);

/// For tests: lines go to `sink` (nullptr: back to stderr).
using Sink = void (*)(Level, std::string_view);
void set_sink(Sink sink);

/// A line that finds no memory is told as that: nothing is thrown, because lines are written where
/// something has been caught, and where nothing may be thrown.
void write_formatted(Level level, fmt::string_view text, fmt::format_args args) noexcept;

template <class... Args> void error(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::error)) write_formatted(Level::error, text, fmt::make_format_args(args...));
}
template <class... Args> void warning(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::warning))
        write_formatted(Level::warning, text, fmt::make_format_args(args...));
}
template <class... Args> void info(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::info)) write_formatted(Level::info, text, fmt::make_format_args(args...));
}
template <class... Args> void debug(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::debug)) write_formatted(Level::debug, text, fmt::make_format_args(args...));
}

} // namespace agent::log
