#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <boost/asio/post.hpp>

#include <new>
#include <stdexcept>

using namespace agent;
using namespace std::chrono_literals;

namespace {

awaitable<void> wait_for_ever(int& ended) {
    struct Count {
        int& ended;
        ~Count() { ++ended; }
    } count{ended};
    co_await async::sleep_for(1h);
    co_await async::sleep_for(
        1h); // after a cancel the next await throws; the destructor still runs
}

awaitable<void> count_up(int& value) {
    ++value;
    co_return;
}

awaitable<void> throw_something() {
    throw std::runtime_error("on purpose");
    co_return;
}

} // namespace

TEST_CASE("task group: stop() returns after every child has ended") {
    int ended = 0;
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        for (int i = 0; i < 3; ++i) group.spawn(wait_for_ever(ended), "child");
        co_await async::sleep_for(1ms);
        CHECK(group.size() == 3);
        co_await group.stop();
        CHECK(ended == 3);
        CHECK(group.size() == 0);
    });
}

TEST_CASE(
    "task group: drain() lets children finish, and one child's exception ends only that child") {
    int finished = 0;
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        log::set_sink([](log::Level, std::string_view) {});
        group.spawn(throw_something(), "thrower");
        group.spawn(count_up(finished), "counter");
        co_await group.drain();
        log::set_sink(nullptr);
        CHECK(finished == 1);
    });
}

TEST_CASE("event: notify_all wakes every waiter") {
    int woken = 0;
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        async::Event event(context.get_executor());
        auto waiter = [&]() -> awaitable<void> {
            co_await event.wait();
            ++woken;
        };
        group.spawn(waiter(), "a");
        group.spawn(waiter(), "b");
        co_await async::sleep_for(1ms);
        event.notify_all();
        co_await group.drain();
        CHECK(woken == 2);
    });
}

TEST_CASE("task group: what must last begins anew after a shortage, and ends after anything else") {
    int begun = 0;
    log::set_sink([](log::Level, std::string_view) {});
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        const auto work = [&begun]() -> awaitable<void> {
            if (++begun == 1) throw std::bad_alloc();
            throw std::runtime_error("on purpose");
            co_return;
        };
        group.spawn_lasting(work, "lasting");
        co_await group.drain();
    });
    log::set_sink(nullptr);
    CHECK(begun == 2);
}

TEST_CASE("loop: it goes on after a shortage that nobody has caught, and stops at a bug") {
    boost::asio::io_context context;
    int done = 0;
    log::set_sink([](log::Level, std::string_view) {});
    boost::asio::post(context, [] { throw std::bad_alloc(); });
    boost::asio::post(context, [&] { ++done; });
    async::run(context);
    CHECK(done == 1);
    context.restart();
    boost::asio::post(context, [] { throw std::out_of_range("on purpose"); });
    CHECK_THROWS_AS(async::run(context), std::out_of_range);
    log::set_sink(nullptr);
}

TEST_CASE("run: a lack of memory ends nothing, not even when there is none for the line about it") {
    log::set_sink([](log::Level, std::string_view) { throw std::bad_alloc(); });
    boost::asio::io_context context;
    bool went_on = false;
    boost::asio::post(context, [] { throw std::bad_alloc(); });
    boost::asio::post(context, [&] { went_on = true; });
    CHECK_NOTHROW(async::run(context));
    log::set_sink(nullptr);
    CHECK(went_on);
}
