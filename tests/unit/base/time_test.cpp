#include "base/time.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace agent;

TEST_CASE("time: RFC 3339 goes both ways with as few fraction digits as needed") {
    for (const auto* text : {"2026-11-24T00:29:57Z", "2026-11-24T00:29:57.790Z", "2026-11-24T00:29:57.790250Z",
                             "2024-02-29T23:59:59.000000001Z", "1970-01-01T00:00:00Z"}) {
        const auto time = parse_rfc3339(text);
        INFO(text);
        REQUIRE(time);
        CHECK(format_rfc3339(*time) == text);
    }
    CHECK(parse_rfc3339("2026-11-24T08:30:25.4704Z") == parse_rfc3339("2026-11-24T08:30:25.470400Z"));
    CHECK(parse_rfc3339("2026-11-24T02:30:00+02:00") == parse_rfc3339("2026-11-24T00:30:00Z"));
}

TEST_CASE("time: anything else is refused") {
    for (const auto* text :
         {"", "2026", "2026-02-30T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T00:00:00", "2026-11-24T00:00:00.Z",
          "2026-11-24T00:00:00Zx", "9999-01-01T00:00:00Z", "20x6-11-24T00:00:00Z"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}

TEST_CASE("time: tables show RFC 1123 in local time") {
    setenv("TZ", "UTC", 1);
    tzset();
    CHECK(format_rfc1123(*parse_rfc3339("2026-11-24T00:04:52.3Z")) == "Tue, 24 Nov 2026 00:04:52 UTC");
}
