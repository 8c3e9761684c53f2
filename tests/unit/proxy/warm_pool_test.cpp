// Connections opened ahead of need, as the worker counts them, and what becomes of those that went
// stale.

#include "unit/proxy/fault_stage.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;

TEST_CASE("warm: none for a session that nobody has used, one once somebody has, none when the "
          "proxy ends") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        co_await async::sleep_for(200ms);
        CHECK(stage.worker.accepted() == 0);
        const auto got = co_await stage.ask("hello");
        CHECK(got.complete());
        const bool one = co_await stage.eventually([&] { return stage.worker.open() == 1; });
        CHECK(one);
        CHECK(stage.worker.accepted() == 2);
        CHECK(stage.authority.connections.size() == 1); // it has cost nothing
        proxy::Proxy::Ending ending;
        stage.subject->end(std::move(ending));
        const bool none = co_await stage.eventually([&] { return stage.worker.open() == 0; });
        CHECK(none);
        co_await stage.end();
    });
}

TEST_CASE("warm: the next client gets the one that is ready, and another takes its place") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        for (std::size_t i = 0; i < 5; ++i) {
            const auto got = co_await stage.ask("hello");
            CHECK(got.complete());
            const bool ready = co_await stage.eventually(
                [&] { return stage.worker.accepted() == i + 2 && stage.worker.open() == 1; });
            CHECK(ready);
            co_await async::sleep_for(20ms); // until our own side has seen the 101 as well
        }
        co_await stage.end();
    });
}

TEST_CASE("warm: none when switched off") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.warm.quiet = 0;
        FaultStage stage(context, answer_one(), {}, std::move(options));
        for (int i = 0; i < 5; ++i) (void)co_await stage.ask("hello");
        co_await async::sleep_for(100ms);
        CHECK(stage.worker.accepted() == 5);
        co_await stage.end();
    });
}

TEST_CASE("warm: what has become stale fails unseen") {
    const bool alert = GENERATE(true, false);
    run([alert](io_context& context) -> awaitable<void> {
        devserver::WorkerFaults faults;
        (alert ? faults.stale_alert : faults.stale_reset) = 100ms;
        FaultStage stage(context, answer_one(), faults);
        (void)co_await stage.ask("one");
        const bool ready = co_await stage.eventually([&] { return stage.worker.open() == 1; });
        CHECK(ready);
        co_await async::sleep_for(300ms); // it goes stale
        const auto got = co_await stage.ask("two");
        CHECK(got.complete());
        CHECK(got.bytes == "answer to two\n");
        CHECK(stage.failures.empty());
        CHECK(stage.worker.accepted() >= 3);
        co_await stage.end();
    });
}

TEST_CASE("warm: one that the worker has closed is not given to anybody") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        (void)co_await stage.ask("one");
        const bool ready = co_await stage.eventually([&] { return stage.worker.open() == 1; });
        CHECK(ready);
        stage.worker.close_idle();
        const bool closed = co_await stage.eventually([&] { return stage.worker.open() == 0; });
        CHECK(closed);
        const auto got = co_await stage.ask("two");
        CHECK(got.bytes == "answer to two\n");
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("warm: old ones are replaced, and after enough time without use none is left") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.warm.ping = 50ms;
        options.warm.age = 100ms;
        options.warm.after_use = 1s;
        FaultStage stage(context, answer_one(), {}, std::move(options));
        (void)co_await stage.ask("hello");
        const bool replaced =
            co_await stage.eventually([&] { return stage.worker.accepted() >= 4; });
        CHECK(replaced);
        const bool none = co_await stage.eventually([&] { return stage.worker.open() == 0; });
        CHECK(none);
        const auto accepted = stage.worker.accepted();
        co_await async::sleep_for(300ms);
        CHECK(stage.worker.accepted() == accepted);
        co_await stage.end();
    });
}

TEST_CASE("warm: none for a session whose connections are used up") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        stage.session().limit = 1;
        (void)co_await stage.ask("hello");
        const bool in_time = co_await async::with_timeout(stage.subject->wait_ended(), 20s);
        CHECK(in_time);
        CHECK(stage.worker.accepted() == 1);
        co_await stage.end();
    });
}

TEST_CASE("warm: clients that come faster than connections can be opened find more of them ready") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        for (int i = 0; i < 20; ++i) (void)co_await stage.ask("hello");
        const bool more = co_await stage.eventually([&] { return stage.worker.open() > 1; });
        CHECK(more);
        CHECK(stage.worker.open() <= proxy::WarmLimits().burst + 1);
        co_await stage.end();
    });
}

TEST_CASE("warm: none is kept that was opened before the network changed") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        (void)co_await stage.ask("hello");
        const bool one = co_await stage.eventually([&] { return stage.worker.open() == 1; });
        CHECK(one);
        stage.subject->check_connections();
        const bool none = co_await stage.eventually([&] { return stage.worker.open() == 0; });
        CHECK(none);
        const auto got = co_await stage.ask("hello");
        CHECK(got.complete());
        co_await stage.end();
    });
}

TEST_CASE("warm: a refusal of one that was opened a while ago is asked again on a fresh one") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        (void)co_await stage.ask("one");
        const bool ready = co_await stage.eventually([&] { return stage.worker.open() == 1; });
        CHECK(ready);
        const auto before = stage.worker.accepted();
        stage.session().limit = stage.session().used; // used up behind the proxy's back
        const auto got = co_await stage.ask("two");
        CHECK(got.bytes.empty());
        // A fresh one for the client, whose word is final, and the one that takes the place of the
        // first.
        const bool asked =
            co_await stage.eventually([&] { return stage.worker.accepted() >= before + 2; });
        CHECK(asked);
        CHECK(stage.failures.size() == 1);
        co_await stage.end();
    });
}
