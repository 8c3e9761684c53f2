// Pace: how often a controller may be asked, with the clock in the test's hand.

#include "agent/proxy/pace.hpp"

#include "support/catch.hpp"

using agent::core::Pace;
using namespace std::chrono_literals;

namespace {
const auto begin = Pace::Clock::time_point() + 1h;
}

TEST_CASE("pace: the first attempt is made at once, and so is one after a success") {
    Pace pace;
    CHECK(pace.wait(begin) == 0ms);
    pace.attempt(begin);
    pace.succeeded();
    CHECK(pace.wait(begin) == 0ms);
}

TEST_CASE("pace: failures wait longer each time, with jitter, up to a minute") {
    Pace pace;
    auto now = begin;
    auto expected = Pace::shortest;
    for (int i = 0; i < 12; ++i) {
        pace.failed(now, 0s);
        CHECK(pace.wait(now) >= expected / 2);
        CHECK(pace.wait(now) <= expected);
        now += 2min;
        expected = std::min<std::chrono::milliseconds>(expected * 2, Pace::longest);
    }
}

TEST_CASE("pace: what the controller asked for is obeyed, also when the network comes back") {
    Pace pace;
    pace.failed(begin, 300s);
    CHECK(pace.wait(begin) >= 299s);
    pace.hurry();
    CHECK(pace.wait(begin) >= 299s);
    CHECK(pace.wait(begin + 301s) == 0ms);
}

TEST_CASE("pace: when the network comes back a back-off of our own ends") {
    Pace pace;
    for (int i = 0; i < 6; ++i) pace.failed(begin, 0s);
    CHECK(pace.wait(begin) > 1s);
    pace.hurry();
    CHECK(pace.wait(begin) == 0ms);
}

TEST_CASE("pace: never more than so many attempts in a minute, whatever succeeds or hurries") {
    Pace pace;
    for (std::size_t i = 0; i < Pace::attempts_per_minute; ++i) {
        CHECK(pace.wait(begin + 1s * static_cast<int>(i)) == 0ms);
        pace.attempt(begin + 1s * static_cast<int>(i));
        pace.succeeded();
        pace.hurry();
    }
    CHECK(pace.wait(begin + 10s) == 50s);
    CHECK(pace.wait(begin + 60s) == 0ms);
}

TEST_CASE("pace: when the network comes back what was in vain does not count, but no more often "
          "than in ten seconds") {
    Pace pace;
    const auto try_all = [&](Pace::Clock::time_point now) {
        for (std::size_t i = 0; i < Pace::attempts_per_minute; ++i) {
            pace.attempt(now);
            pace.failed(now, 0s);
        }
    };
    try_all(begin);
    pace.network_back(begin + 1s);
    CHECK(pace.wait(begin + 1s) == 0ms);
    try_all(begin + 1s);
    pace.network_back(begin + 2s); // a link that comes and goes
    CHECK(pace.wait(begin + 2s) > 50s);
    pace.network_back(begin + 12s);
    CHECK(pace.wait(begin + 12s) == 0ms);
    pace.failed(begin + 12s, 300s);
    pace.network_back(begin + 30s);
    CHECK(pace.wait(begin + 30s) > 250s); // the controller's wish stands
}
