#include "base/duration.hpp"

#include "support/catch.hpp"

using agent::parse_duration;

TEST_CASE("duration: Go's texts become milliseconds") {
    auto [text, milliseconds] = GENERATE(table<std::string, std::int64_t>({{"0", 0},
                                                                           {"30s", 30000},
                                                                           {"1h5m", 3900000},
                                                                           {"1.5h", 5400000},
                                                                           {"-10s", -10000},
                                                                           {"+2m", 120000},
                                                                           {"250ms", 250},
                                                                           {".5s", 500},
                                                                           {"1500us", 2},
                                                                           {"3000000ns", 3},
                                                                           {"1m0.5s", 60500}}));
    const auto parsed = parse_duration(text);
    REQUIRE(parsed);
    CHECK(parsed->count() == milliseconds);
}

TEST_CASE("duration: everything else is refused") {
    const std::string text = GENERATE("", "-", "5", "1.5", "s", "5 s", "5d", "1e3s", "inf", "--5s",
                                      "5s-", "nan", "1h-5m", "99999999h");
    INFO(text);
    CHECK_FALSE(parse_duration(text));
}
