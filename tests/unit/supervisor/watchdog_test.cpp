#include "agentd/supervisor/watchdog.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using supervisor::Watchdog;

namespace {
const Watchdog::Clock::time_point noon{1'000'000s};
}

TEST_CASE("watchdog: a program has 90 s to become ready, then a period from word to word") {
    Watchdog watchdog(30s);
    watchdog.started(noon);
    watchdog.heard(noon + 1s); // before it is ready this counts for nothing
    CHECK_FALSE(watchdog.expired(noon + 89s));
    watchdog.ready(noon + 89s);
    CHECK_FALSE(watchdog.expired(noon + 118s));
    watchdog.heard(noon + 118s);
    CHECK_FALSE(watchdog.expired(noon + 147s));
    CHECK(watchdog.expired(noon + 148s));
}

TEST_CASE("watchdog: one that never becomes ready is given up") {
    Watchdog watchdog(30s);
    watchdog.started(noon);
    CHECK(watchdog.expired(noon + 90s));
}

TEST_CASE("watchdog: one that is stopping has 15 s, however often it says so") {
    Watchdog watchdog(30s);
    watchdog.started(noon);
    watchdog.ready(noon);
    watchdog.stopping(noon + 10s);
    watchdog.heard(noon + 12s);
    watchdog.stopping(noon + 20s);
    CHECK_FALSE(watchdog.expired(noon + 24s));
    CHECK(watchdog.expired(noon + 25s));
}

TEST_CASE("watchdog: who was not running itself cannot judge, and asks once more") {
    Watchdog watchdog(30s);
    watchdog.started(noon);
    watchdog.ready(noon);
    CHECK_FALSE(watchdog.expired(noon + 10min)); // the whole session was frozen
    CHECK(watchdog.deadline() == noon + 10min + 30s);
    CHECK(watchdog.expired(noon + 10min + 30s));
}
