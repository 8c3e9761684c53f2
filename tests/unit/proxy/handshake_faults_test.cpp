// What a local client gets when the worker fails before it has said whether a connection may be:
// its answer, after whatever retries that takes, or a reason that names what happened.
// faults_test.cpp has what comes after.

#include "unit/proxy/fault_stage.hpp"

#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <boost/asio/this_coro.hpp>

#include <cstdio>

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;
using devserver::WorkerFaults;

namespace {

awaitable<void> echo_once(FaultStage& stage, std::string bytes, int& right) {
    auto socket = co_await stage.client();
    async::TaskGroup sender(co_await boost::asio::this_coro::executor);
    sender.spawn(send(socket, bytes), "send");
    const auto back = co_await read_exactly(socket, bytes.size());
    co_await sender.stop();
    right += back == bytes;
}

awaitable<void> ask_fifty_at_a_time(io_context& context, int each) {
    WorkerFaults faults;
    faults.refuse = 5;
    faults.reset = 2;
    faults.lose_early = true;
    FaultStage stage(context, answer_one(), faults);
    async::TaskGroup clients(context.get_executor());
    int right = 0;
    for (int i = 0; i < 50; ++i)
        clients.spawn(ask_and_count(stage, i * each, each, right), "client");
    co_await clients.drain();
    CHECK(right == 50 * each);
    CHECK(stage.failures.empty());
    CHECK(stage.worker.accepted() >
          std::size_t(50 * each)); // some were refused, or this proves nothing
    CHECK(stage.authority.connections.size() == std::size_t(50 * each));
    std::printf("%d of %d answers; the worker saw %zu connections\n", right, 50 * each,
                stage.worker.accepted());
    co_await stage.end();
}

} // namespace

TEST_CASE("faults: a thousand short connections, fifty at a time, all get their answer from a "
          "worker that refuses some") {
    run([](io_context& context) { return ask_fifty_at_a_time(context, 20); });
}

// By hand: proxy_faults_test "[ten-thousand]"
TEST_CASE("faults: ten thousand", "[.][ten-thousand]") {
    run([](io_context& context) { return ask_fifty_at_a_time(context, 200); });
}

TEST_CASE("faults: what followed a handshake that was reset follows the next one too") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.reset = 50;
        FaultStage stage(context, echo(), faults);
        async::TaskGroup clients(context.get_executor());
        int right = 0;
        for (int i = 0; i < 20; ++i)
            clients.spawn(echo_once(stage, pattern(200'000), right), "client");
        co_await clients.drain();
        CHECK(right == 20);
        CHECK(stage.failures.empty());
        CHECK(stage.worker.accepted() > 20);
        co_await stage.end();
    });
}

TEST_CASE("faults: the client's first bytes follow the handshake in the same flight") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes == "answer to hello\n");
        CHECK(stage.worker.followed_handshakes() == 1);
        co_await stage.end();
    });
}

TEST_CASE("faults: megabytes that follow the handshake before a late result arrive whole") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.delay = 300ms;
        FaultStage stage(context, echo(), faults);
        int right = 0;
        co_await echo_once(stage, pattern(5'000'000), right);
        CHECK(right == 1);
        CHECK(stage.subject->ledger().bytes().up == 5'000'000);
        co_await stage.end();
    });
}

TEST_CASE(
    "faults: nothing is sent behind the GET, and nothing so early behind the 101 that it is lost") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.drop_behind_get = true;
        faults.lose_early = true;
        proxy::ProxyOptions options;
        options.warm.quiet = 0; // each on a connection of its own
        FaultStage stage(context, answer_one(), faults, std::move(options));
        int right = 0;
        co_await ask_and_count(stage, 0, 30, right);
        CHECK(right == 30);
        CHECK(stage.worker.accepted() == 30);
        co_await stage.end();
    });
}

TEST_CASE("faults: a session that cannot be activated at once is activated by the next try") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.cannot_activate = 3;
        FaultStage stage(context, answer_one(), faults);
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes == "answer to hello\n");
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a session's cancel is tried again as well") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        stage.worker.faults().refuse = 70;
        co_await stage.end(true);
        CHECK(stage.subject->session_canceled());
    });
}

TEST_CASE(
    "faults: a worker that only refuses is given up, with its words and the number of tries") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.refuse = 100;
        proxy::ProxyOptions options;
        options.retry.total = 300ms;
        FaultStage stage(context, answer_one(), faults, std::move(options));
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes.empty());
        CHECK(got.end == boost::asio::error::connection_reset);
        REQUIRE(stage.failures.size() == 1);
        CHECK(contains(stage.failures[0],
                       "worker " + stage.worker_address() + " could not read the handshake"));
        CHECK(contains(stage.failures[0], "unexpected rsv bits"));
        CHECK(contains(stage.failures[0], " tries)"));
        co_await stage.end();
    });
}

TEST_CASE(
    "faults: a used-up limit is final for the one who meets it, and says so; who runs goes on") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, echo());
        auto first = co_await stage.client();
        co_await send(first, "a");
        const auto said1 = co_await read_exactly(first, 1);
        CHECK(said1 == "a");
        stage.session().limit = stage.session().used; // used up behind the proxy's back
        auto second = co_await stage.client();
        const auto got = co_await read_to_end(second);
        CHECK(got.bytes.empty());
        REQUIRE(stage.failures.size() == 1);
        CHECK(contains(stage.failures[0], "the session's connections are used up"));
        co_await send(first, "b");
        const auto said2 = co_await read_exactly(first, 1);
        CHECK(said2 == "b");
        co_await stage.end();
    });
}

TEST_CASE("faults: somebody else's TOFU token is final, and says so") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        stage.session().record.status = devserver::SessionStatus::active;
        stage.session().record.tofu_token = Secret("01234567890123456789");
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes.empty());
        REQUIRE(stage.failures.size() == 1);
        CHECK(contains(stage.failures[0], "already in use by another process"));
        CHECK(stage.worker.accepted() == 1);
        co_await stage.end();
    });
}
