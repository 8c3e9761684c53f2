// When connections are pinged, and what pings find out: who is gone, and who is only slow.

#include "proxy/keep_alive.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/proxy/fault_stage.hpp"

#include <algorithm>
#include <vector>

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using agent::proxy::until_ping;
using boost::asio::io_context;

TEST_CASE(
    "keep alive: connections that were opened at different times are soon looked after together") {
    using std::chrono::milliseconds;
    const milliseconds silence = 30s;
    std::vector<milliseconds> heard; // of each connection, whose worker answers at once
    for (int i = 0; i < 100; ++i) heard.emplace_back(i * 289);
    milliseconds now = silence;
    int looks = 0, late = 0;
    for (; now < 20min; ++looks) {
        auto next = now + silence;
        for (auto& at : heard) {
            if (now - at > silence) ++late;
            const auto left = until_ping(now - at, silence);
            if (left > 0ms) {
                next = std::min(next, now + left);
            } else {
                at = now;
            }
        }
        now = next;
    }
    CHECK(late == 0);
    CHECK(looks <= 20 * 2 + 3);
}

TEST_CASE("keep alive: a worker that stops answering pings is noticed and named, and the next "
          "connection gets through") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 200ms;
        options.keep_alive.answer = 400ms;
        FaultStage stage(context, greet_and_echo("hello"), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto said5 = co_await read_exactly(socket, 5);
        CHECK(said5 == "hello");
        stage.worker.freeze();
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(
            contains(stage.failures[0], "worker " + stage.worker_address() + " stopped answering"));
        auto next = co_await stage.client();
        const auto said6 = co_await read_exactly(next, 5);
        CHECK(said6 == "hello");
        co_await stage.end();
    });
}

TEST_CASE("keep alive: when the network has changed a dead worker is noticed long before its "
          "silence would tell") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.hurried_answer = 500ms; // silence and answer: 30 s each
        FaultStage stage(context, greet_and_echo("hello"), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto said = co_await read_exactly(socket, 5);
        CHECK(said == "hello");
        co_await send(socket, "still here");
        const auto back = co_await read_exactly(socket, 10);
        CHECK(back == "still here");
        stage.subject->check_connections(); // nothing is wrong with this one: it answers
        co_await async::sleep_for(1s);
        CHECK(stage.failures.empty());

        stage.worker.freeze();
        const auto since = std::chrono::steady_clock::now();
        stage.subject->check_connections();
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        CHECK(std::chrono::steady_clock::now() - since < 25s);
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(
            contains(stage.failures[0], "worker " + stage.worker_address() + " stopped answering"));
        co_await stage.end();
    });
}

TEST_CASE("keep alive: a worker whose machine is gone is noticed and named, with bytes on their "
          "way to it") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 200ms;
        options.keep_alive.answer = 400ms;
        FaultStage stage(context, echo(), {}, std::move(options));
        auto socket = co_await stage.client();
        co_await send(socket, "hello");
        const auto said7 = co_await read_exactly(socket, 5);
        CHECK(said7 == "hello");
        stage.worker.cut_off();
        co_await send(socket, "is anybody there?");
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(
            contains(stage.failures[0], "worker " + stage.worker_address() + " stopped answering"));
        co_await stage.end();
    });
}

TEST_CASE("keep alive: a quiet connection is not given up while its worker answers pings") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 20ms;
        options.keep_alive.answer = 10s;
        FaultStage stage(context, greet_and_echo("hello"), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto said8 = co_await read_exactly(socket, 5);
        CHECK(said8 == "hello");
        co_await async::sleep_for(1s);
        co_await send(socket, "still here");
        const auto said9 = co_await read_exactly(socket, 10);
        CHECK(said9 == "still here");
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("keep alive: a target that reads late loses no connection, however long the silence") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 50ms;
        options.keep_alive.answer = 1s;
        options.link.unacknowledged = 1s; // before bytes are relayed, and no longer
        FaultStage stage(context, late_reader(3s), {}, std::move(options));
        const auto line = pattern(20'000'000);
        const auto got = co_await stage.ask(line);
        CHECK((got.bytes == line + "\n"));
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("keep alive: a client that reads late loses no connection either: the worker's pong "
          "waits behind its own bytes") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 50ms;
        options.keep_alive.answer = 300ms;
        const auto bytes = pattern(20'000'000);
        FaultStage stage(context, greet(bytes), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto first = co_await read_exactly(socket, 1);
        CHECK(first == bytes.substr(0, 1));
        co_await async::sleep_for(2s);
        const auto rest = co_await read_to_end(socket);
        CHECK((rest.bytes == bytes.substr(1)));
        CHECK(rest.complete());
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}
