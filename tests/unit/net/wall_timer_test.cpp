#include "net/wall_timer.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <sys/resource.h>

using namespace agent;
using namespace std::chrono_literals;

namespace {

/// Nothing can be opened while it lives.
struct NoFiles {
    NoFiles() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        rlimit none = before;
        none.rlim_cur = 0;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    ~NoFiles() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before{};
};

} // namespace

TEST_CASE("wall timer: a time of day is waited for, also where no file is left for the timer") {
    const bool without_files = GENERATE(false, true);
    test::run([without_files](boost::asio::io_context&) -> awaitable<void> {
        co_await async::sleep_for(1ms); // Asio has opened what it needs itself
        std::optional<NoFiles> limit;
        if (without_files) limit.emplace();
        const auto when = wall_now() + 700ms;
        co_await net::wait_until(when);
        CHECK(wall_now() >= when);
    });
}
