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

struct Moment {
    std::int64_t seconds = 0; ///< since 1970
    std::int32_t nanos = 0;
};

std::optional<Moment> read_rfc3339(std::string_view text) {
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
    const year_month_day day{year(y), month(static_cast<unsigned>(mo)),
                             std::chrono::day(static_cast<unsigned>(d))};
    if (!day.ok()) return std::nullopt;

    std::int32_t nanos = 0;
    if (take(text, at, ".")) {
        const auto first = at;
        for (std::int32_t unit = 100'000'000;
             at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
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
    const sys_seconds time = sys_days(day) + hours(h) + minutes(mi - offset_minutes) + seconds(s);
    return Moment{time.time_since_epoch().count(), nanos};
}

std::string rfc1123(std::time_t unix_time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm p{};
    localtime_r(&unix_time, &p);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} {}", days[p.tm_wday], p.tm_mday,
                       months[p.tm_mon], p.tm_year + 1900, p.tm_hour, p.tm_min, p.tm_sec,
                       p.tm_zone);
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

std::optional<WallTime> wall_time_at(std::int64_t unix_seconds, std::int32_t nanos) {
    using namespace std::chrono;
    constexpr sys_seconds first = sys_days(year(1678) / 1 / 1);
    if (nanos < 0 || nanos >= 1'000'000'000 || unix_seconds < first.time_since_epoch().count())
        return std::nullopt;
    if (unix_seconds >= floor<seconds>(last_time).time_since_epoch().count()) return last_time;
    return WallTime(sys_seconds(seconds(unix_seconds))) + nanoseconds(nanos);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto moment = read_rfc3339(text);
    return moment ? wall_time_at(moment->seconds, moment->nanos) : std::nullopt;
}

std::optional<std::string> rfc1123_of(std::string_view rfc3339) {
    const auto moment = read_rfc3339(rfc3339);
    if (!moment) return std::nullopt;
    return rfc1123(moment->seconds);
}

} // namespace agent
