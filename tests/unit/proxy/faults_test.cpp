// What a local client gets when the worker fails while bytes pass, at each of the points that
// src/devserver/worker/README.md lists: all bytes in order, or a reason that names what happened,
// and never the end of somebody else's connection. Its siblings: handshake_faults_test.cpp,
// keep_alive_test.cpp, shortage_test.cpp.

#include "unit/proxy/fault_stage.hpp"

#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;
using devserver::WorkerFaults;

TEST_CASE("faults: frames that arrive in two parts, cut at every byte, are put together") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.frames = WorkerFaults::Frames::split;
        FaultStage stage(context, echo(), faults);
        auto socket = co_await stage.client();
        const auto all = pattern(200);
        int right = 0;
        for (int i = 0; i < 210; ++i) { // header and payload: 204 bytes
            co_await send(socket, all);
            const auto back = co_await read_exactly(socket, all.size());
            right += back == all;
        }
        CHECK(right == 210);
        co_await stage.end();
    });
}

TEST_CASE("faults: empty frames between others are nothing") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.frames = WorkerFaults::Frames::empty;
        FaultStage stage(context, greet(pattern(1'000'000)), faults);
        const auto got = co_await stage.ask("hello");
        CHECK(got.complete());
        CHECK((got.bytes == pattern(1'000'000)));
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a frame of the greatest length is delivered as it comes") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.frames = WorkerFaults::Frames::endless;
        FaultStage stage(context, greet_and_echo("hello"), faults);
        auto socket = co_await stage.client();
        const auto said3 = co_await read_exactly(socket, 5);
        CHECK(said3 == "hello");
        for (int i = 0; i < 20; ++i) {
            co_await send(socket, pattern(10'000));
            const auto back = co_await read_exactly(socket, 10'000);
            CHECK((back == pattern(10'000)));
        }
        co_await stage.end();
    });
}

TEST_CASE("faults: a reset in the middle of a frame gives the client what came, then a reset and a "
          "reason") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.reset_after = 100'000;
        FaultStage stage(context, greet(pattern(1'000'000)), faults);
        auto socket = co_await stage.client();
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        CHECK(got.bytes.size() > 0);
        CHECK((got.bytes == pattern(1'000'000).substr(0, got.bytes.size())));
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(contains(stage.failures[0], stage.worker_address()));
        co_await stage.end();
    });
}

TEST_CASE("faults: a connection that is cut because the proxy stops is reset: it does not look "
          "finished") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, greet_and_echo("hello"));
        auto socket = co_await stage.client();
        const auto said = co_await read_exactly(socket, 5);
        CHECK(said == "hello");
        stage.subject->end({});
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        co_await stage.end();
    });
}

TEST_CASE("faults: a close while the client sends gives it all that came before, and an end") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.close_after = 100'000;
        FaultStage stage(context, greet_and_echo("welcome"), faults);
        auto socket = co_await stage.client();
        const auto said4 = co_await read_exactly(socket, 7);
        CHECK(said4 == "welcome");
        async::TaskGroup sender(context.get_executor());
        sender.spawn(send(socket, pattern(10'000'000)), "send");
        const auto got = co_await read_to_end(socket);
        CHECK(got.complete());
        CHECK((got.bytes == pattern(10'000'000).substr(0, got.bytes.size())));
        CHECK(stage.failures.empty());
        socket.close();
        co_await sender.stop();
        co_await stage.end();
    });
}

TEST_CASE("faults: an end with neither CLOSE nor close_notify takes nothing of the answer") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.vanish = true;
        FaultStage stage(context, answer_one(), faults);
        int right = 0;
        co_await ask_and_count(stage, 0, 20, right);
        CHECK(right == 20);
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a worker that reads no more still delivers what the target says") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.deaf_after = 100'000;
        FaultStage stage(context, greet(pattern(3'000'000)), faults);
        auto socket = co_await stage.client();
        async::TaskGroup sender(context.get_executor());
        sender.spawn(send(socket, pattern(50'000'000)), "send");
        const auto got = co_await read_exactly(socket, 3'000'000);
        CHECK((got == pattern(3'000'000)));
        socket.close();
        co_await sender.stop();
        co_await stage.end();
    });
}
