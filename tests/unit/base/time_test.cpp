#include "base/time.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <ctime>
#include <limits>

using namespace agent;

TEST_CASE("time: RFC 3339 goes both ways with as few fraction digits as needed") {
    for (const auto* text :
         {"2026-11-24T00:29:57Z", "2026-11-24T00:29:57.790Z", "2026-11-24T00:29:57.790250Z",
          "2024-02-29T23:59:59.000000001Z", "1970-01-01T00:00:00Z"}) {
        const auto time = parse_rfc3339(text);
        INFO(text);
        REQUIRE(time);
        CHECK(format_rfc3339(*time) == text);
    }
    CHECK(parse_rfc3339("2026-11-24T08:30:25.4704Z") ==
          parse_rfc3339("2026-11-24T08:30:25.470400Z"));
    CHECK(parse_rfc3339("2026-11-24T02:30:00+02:00") == parse_rfc3339("2026-11-24T00:30:00Z"));
}

TEST_CASE("time: anything else is refused") {
    for (const auto* text :
         {"", "2026", "2026-02-30T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T00:00:00",
          "2026-11-24T00:00:00.Z", "2026-11-24T00:00:00Zx", "0001-01-01T00:00:00Z",
          "20x6-11-24T00:00:00Z"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}

TEST_CASE("time: what ends in the year 9999 ends as late as can be reckoned, and is shown as it "
          "was said") {
    for (const auto* text : {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999-23:59",
                             "2262-04-12T00:00:00Z", "2262-01-01T00:00:00.000000001Z"}) {
        INFO(text);
        const auto time = parse_rfc3339(text);
        REQUIRE(time);
        CHECK(*time == last_time);
        CHECK(*time > wall_now() + std::chrono::hours(24 * 365));
        CHECK(*time + std::chrono::hours(24 * 99) >
              *time); // who reckons on from it does not come out in the past
    }
    CHECK(*parse_rfc3339("2261-12-31T23:59:59Z") < last_time);
    CHECK(wall_time_at(std::numeric_limits<std::int64_t>::max(), 999'999'999) == last_time);
    CHECK_FALSE(wall_time_at(std::numeric_limits<std::int64_t>::min(), 0));
    CHECK_FALSE(wall_time_at(0, 1'000'000'000));
    setenv("TZ", "UTC", 1);
    tzset();
    CHECK(rfc1123_of("9999-12-31T23:59:59Z") == "Fri, 31 Dec 9999 23:59:59 UTC");
    CHECK_FALSE(rfc1123_of("9999"));
}

TEST_CASE("time: tables show RFC 1123 in local time") {
    setenv("TZ", "UTC", 1);
    tzset();
    CHECK(rfc1123_of("2026-11-24T00:04:52.3Z") == "Tue, 24 Nov 2026 00:04:52 UTC");
}
