#pragma once
// Wall-clock time as Boundary's API writes it. Everything that expires uses this clock: a laptop
// sleeps.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

using WallClock = std::chrono::system_clock;
using WallTime = std::chrono::time_point<WallClock, std::chrono::nanoseconds>;

/// Nanoseconds in 64 bits end in April 2262: whatever ends later, as the year 9999 that stands for
/// "never", is taken to end here, with room left to reckon beyond it.
inline constexpr WallTime last_time = std::chrono::sys_days(std::chrono::year(2262) / 1 / 1);

WallTime wall_now();
/// last_time for anything later; nullopt before 1678.
std::optional<WallTime> wall_time_at(std::int64_t unix_seconds, std::int32_t nanos);
/// RFC 3339 in UTC with 0, 3, 6 or 9 fraction digits, as few as the value needs:
/// "2026-11-24T00:29:57.790250Z".
std::string format_rfc3339(WallTime time);
/// Accepts any fraction and offset; last_time for anything later, nullopt for anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);
/// RFC 1123 in local time, as the tables show it: "Tue, 24 Nov 2026 00:29:57 UTC", of a time as the
/// API writes it, in any year; nullopt for what is none.
std::optional<std::string> rfc1123_of(std::string_view rfc3339);

} // namespace agent
