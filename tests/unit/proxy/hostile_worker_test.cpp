// What a proxy makes of workers that flood, that do not answer, and that are not there: in this
// process, with limits of the test's own. flood_test.cpp does it to the real program.

#include "unit/proxy/fault_stage.hpp"
#include "unit/proxy/flooding_worker.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;
using proxy::Proxy;

namespace {

struct HostileStage {
    HostileStage(io_context& context, const FloodingWorker& worker,
                 std::vector<std::string> workers = {}, proxy::ProxyOptions options = {}) {
        auto authorization = boundary::decode_authorization_token(worker.token());
        REQUIRE(authorization.has_value());
        if (!workers.empty()) authorization->workers = std::move(workers);
        auto on_change = [this](proxy::Change change, const std::string& message) {
            if (change == proxy::Change::connection_failed) failures.push_back(message);
        };
        auto made = Proxy::create(context.get_executor(), std::move(*authorization),
                                  std::move(options), on_change);
        REQUIRE(made.has_value());
        subject = std::move(*made);
        REQUIRE(subject->start());
    }
    awaitable<tcp::socket> client() {
        tcp::socket socket(co_await boost::asio::this_coro::executor);
        const tcp::endpoint there(boost::asio::ip::address_v4::loopback(), subject->port());
        const auto [ec] = co_await socket.async_connect(there, async::token);
        REQUIRE_FALSE(ec);
        co_return socket;
    }
    awaitable<bool> eventually(std::function<bool()> condition) {
        for (int i = 0; i < 2000; ++i) {
            if (condition()) co_return true;
            co_await async::sleep_for(10ms);
        }
        co_return false;
    }
    awaitable<void> end() {
        Proxy::Ending ending;
        ending.reason = agent::model::Reason(agent::model::ReasonCode::stopped, "the test is over");
        subject->end(std::move(ending));
        const bool in_time = co_await async::with_timeout(subject->wait_ended(), 20s);
        CHECK(in_time);
    }
    std::unique_ptr<Proxy> subject;
    std::vector<std::string> failures;
};

} // namespace

TEST_CASE("hostile worker: whatever a connection opened ahead of need is flooded with, its client "
          "gets a fresh one") {
    const auto flood = GENERATE(Flood::pongs, Flood::pings, Flood::key_updates, Flood::tickets,
                                Flood::full_frames);
    INFO(name_of(flood));
    FloodingWorker worker;
    run([&](io_context& context) -> awaitable<void> {
        FloodPlan plan;
        plan.stage = FloodStage::before_result;
        plan.floods = {flood};
        worker.plan(
            plan,
            2); // which is opened ahead of need as soon as the first client has its connection
        HostileStage stage(context, worker);
        auto first = co_await stage.client();
        const auto hello = co_await read_exactly(first, 5);
        CHECK(hello == "hello");
        const bool flooded = co_await stage.eventually(
            [&] { return worker.begun() == 2 && worker.bytes_sent() > 10'000; });
        CHECK(flooded);
        co_await async::sleep_for(50ms); // until our own side has seen its 101, most likely
        auto second = co_await stage.client();
        const auto hello2 = co_await read_exactly(second, 5);
        CHECK(hello2 == "hello");
        CHECK(stage.failures.empty());
        co_await stage.end();
        worker.stop();
    });
}

TEST_CASE("hostile worker: one that answers no pings loses what was opened ahead of need") {
    FloodingWorker worker;
    run([&](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.warm.ping = 50ms;
        HostileStage stage(context, worker, {}, std::move(options));
        auto first = co_await stage.client();
        const auto hello = co_await read_exactly(first, 5);
        CHECK(hello == "hello");
        const bool replaced = co_await stage.eventually([&] { return worker.begun() >= 4; });
        CHECK(replaced);
        co_await stage.end();
        worker.stop();
    });
}

TEST_CASE("hostile worker: who is waiting for a worker that says nothing begins anew when the "
          "network has changed") {
    FloodingWorker worker;
    LoopbackServer silent(serve_silence);
    run([&](io_context& context) -> awaitable<void> {
        HostileStage stage(context, worker, {silent.address()});
        auto client = co_await stage.client();
        const bool reached = co_await stage.eventually([&] { return silent.accepted() == 1; });
        CHECK(reached);
        stage.subject->check_connections();
        const bool again = co_await stage.eventually([&] { return silent.accepted() == 2; });
        CHECK(again);
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}
