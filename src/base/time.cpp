#include "base/time.hpp"

#include <fmt/format.h>

#include <ctime>

namespace agent {
namespace {

// Reads exactly `digits` digits at `at` and moves on; -1 when there are fewer.
int take_number(std::string_view text, std::size_t& at, std::size_t digits) {
    if (text.size() < at + digits) return -1;
    int value = 0;
    for (std::size_t end = at + digits; at < end; ++at) {
        if (text[at] < '0' || text[at] > '9') return -1;
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

bool take(std::string_view text, std::size_t& at, std::string_view any_of) {
    return at < text.size() && any_of.find(text[at]) != std::string_view::npos && ++at;
}

} // namespace

WallTime wall_now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(WallClock::now());
}

std::string format_rfc3339(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto nanos = (time - seconds).count();
    const std::time_t unix_time = seconds.time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&unix_time, &parts);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    if (nanos == 0) return fmt::format("{}Z", stamp);
    if (nanos % 1'000'000 == 0) return fmt::format("{}.{:03}Z", stamp, nanos / 1'000'000);
    if (nanos % 1'000 == 0) return fmt::format("{}.{:06}Z", stamp, nanos / 1'000);
    return fmt::format("{}.{:09}Z", stamp, nanos);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    std::size_t at = 0;
    const int y = take_number(text, at, 4);
    if (y < 0 || !take(text, at, "-")) return std::nullopt;
    const int mo = take_number(text, at, 2);
    if (mo < 0 || !take(text, at, "-")) return std::nullopt;
    const int d = take_number(text, at, 2);
    if (d < 0 || !take(text, at, "Tt ")) return std::nullopt;
    const int h = take_number(text, at, 2);
    if (h < 0 || h > 23 || !take(text, at, ":")) return std::nullopt;
    const int mi = take_number(text, at, 2);
    if (mi < 0 || mi > 59 || !take(text, at, ":")) return std::nullopt;
    const int s = take_number(text, at, 2);
    if (s < 0 || s > 60) return std::nullopt;
    const year_month_day day{year(y), month(static_cast<unsigned>(mo)), std::chrono::day(static_cast<unsigned>(d))};
    if (!day.ok() || y < 1678 || y > 2261) return std::nullopt; // what nanoseconds in 64 bits can hold

    std::int64_t nanos = 0;
    if (take(text, at, ".")) {
        const auto first = at;
        for (std::int64_t unit = 100'000'000; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
            nanos += unit * (text[at] - '0');
        if (at == first) return std::nullopt;
    }
    int offset_minutes = 0;
    if (!take(text, at, "Zz")) {
        const bool west = at < text.size() && text[at] == '-';
        if (!take(text, at, "+-")) return std::nullopt;
        const int oh = take_number(text, at, 2);
        if (oh < 0 || oh > 23 || !take(text, at, ":")) return std::nullopt;
        const int om = take_number(text, at, 2);
        if (om < 0 || om > 59) return std::nullopt;
        offset_minutes = (west ? -1 : 1) * (oh * 60 + om);
    }
    if (at != text.size()) return std::nullopt;
    return WallTime(sys_days(day)) + hours(h) + minutes(mi - offset_minutes) + seconds(s) + nanoseconds(nanos);
}

std::string format_rfc1123(WallTime time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t unix_time = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm p{};
    localtime_r(&unix_time, &p);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} {}", days[p.tm_wday], p.tm_mday, months[p.tm_mon],
                       p.tm_year + 1900, p.tm_hour, p.tm_min, p.tm_sec, p.tm_zone);
}

} // namespace agent
