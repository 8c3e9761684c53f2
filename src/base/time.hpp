#pragma once
// Wall-clock time as Boundary's API writes it. Everything that expires uses this clock: a laptop sleeps.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

using WallClock = std::chrono::system_clock;
using WallTime = std::chrono::time_point<WallClock, std::chrono::nanoseconds>;

WallTime wall_now();
/// RFC 3339 in UTC with 0, 3, 6 or 9 fraction digits, as few as the value needs: "2026-11-24T00:29:57.790250Z".
std::string format_rfc3339(WallTime time);
/// Accepts any fraction and offset; nullopt for anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);
/// RFC 1123 in local time, as the tables show it: "Tue, 24 Nov 2026 00:29:57 UTC".
std::string format_rfc1123(WallTime time);

} // namespace agent
