#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <string>

using namespace agent;
using namespace std::chrono_literals;

namespace {

awaitable<std::string> after(std::chrono::milliseconds delay) {
    co_await async::sleep_for(delay);
    co_return "a result long enough to be allocated on the heap";
}

} // namespace

TEST_CASE("with_timeout: a result in time is returned, a late one is cancelled") {
    test::run([](boost::asio::io_context&) -> awaitable<void> {
        auto in_time = co_await async::with_timeout(after(1ms), 10s);
        CHECK(in_time == "a result long enough to be allocated on the heap");
        auto late = co_await async::with_timeout(after(10min), 5ms);
        CHECK_FALSE(late.has_value());
        const bool ended = co_await async::with_timeout(async::sleep_for(10min), 5ms);
        CHECK_FALSE(ended);
    });
}
