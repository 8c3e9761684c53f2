#include "async/run_main.hpp"

#include "async/with_timeout.hpp"

#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

using namespace std::chrono_literals;
using agent::async::run_main;

TEST_CASE("run main: it ends when its program and all that it spawned have ended") {
    bool spawned_ended = false;
    const auto later = [](bool& ended) -> agent::awaitable<void> {
        co_await agent::async::sleep_for(5ms);
        ended = true;
    };
    const auto program = [&]() -> agent::awaitable<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        boost::asio::co_spawn(executor, later(spawned_ended), [](std::exception_ptr) {});
    };
    CHECK(run_main(program()).has_value());
    CHECK(spawned_ended);
}

TEST_CASE("run main: what a program throws is its error, with the next step") {
    const auto refused = []() -> agent::awaitable<void> {
        throw agent::ErrorException(agent::fail(agent::Errc::listen_failed, agent::Hop::local,
                                                "the port is in use", "choose another"));
        co_return;
    };
    const auto ended = run_main(refused());
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == agent::Errc::listen_failed);
    CHECK(ended.error().hint == "choose another");
    const auto broken = []() -> agent::awaitable<void> {
        throw 5;
        co_return;
    };
    CHECK(run_main(broken()).error().code == agent::Errc::internal);
}
