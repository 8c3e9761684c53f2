#include "net/clock_watch.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <sys/timex.h>

#include <cerrno>

using namespace agent::net;
using namespace std::chrono_literals;

namespace {

ClockReading reading(std::chrono::seconds wall, std::chrono::seconds boot,
                     std::chrono::seconds awake) {
    ClockReading clocks;
    clocks.wall = wall;
    clocks.boot = boot;
    clocks.awake = awake;
    return clocks;
}

/// Moves the machine's clock by a microsecond: enough to count as set. false: not allowed here.
bool move_clock(long microseconds) {
    timex request{};
    request.modes = ADJ_SETOFFSET;
    request.time.tv_sec = microseconds < 0 ? -1 : 0;
    request.time.tv_usec = microseconds < 0 ? 1'000'000 + microseconds : microseconds;
    return ::adjtimex(&request) >= 0;
}

} // namespace

TEST_CASE("clocks: a sleep and a clock that was set are told apart") {
    const auto before = reading(1000s, 500s, 400s);
    auto change = compare(before, reading(1010s, 510s, 410s));
    CHECK(change.slept == 0s);
    CHECK(change.moved == 0s);
    change = compare(before, reading(4610s, 4110s, 410s));
    CHECK(change.slept == 3600s);
    CHECK(change.moved == 0s);
    change = compare(before, reading(910s, 510s, 410s));
    CHECK(change.slept == 0s);
    CHECK(change.moved == -100s);
}

TEST_CASE("clock watch: it waits while nothing happens, and notices a clock that is set") {
    const bool noticed =
        agent::test::run([](boost::asio::io_context& context) -> agent::awaitable<bool> {
            ClockWatch watch(context.get_executor());
            ClockChange change;
            const auto quiet = co_await agent::async::with_timeout(watch.next(change), 50ms);
            CHECK_FALSE(quiet.has_value());
            if (!move_clock(1)) co_return errno == EPERM; // in a container without CAP_SYS_TIME
            move_clock(-1);
            const auto set = co_await agent::async::with_timeout(watch.next(change), 10s);
            CHECK(change.slept < 1s);
            co_return set.has_value();
        });
    CHECK(noticed);
}
