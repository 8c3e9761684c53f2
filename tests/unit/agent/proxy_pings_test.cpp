// Who is taken for hung: an agent-proxy that has answered nothing twice in a row, and no other.

#include "agent/process/proxy_pings.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/agent/plain_handle.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

constexpr PingPace quick_pings{.period = 5ms, .answer = 1s};

struct PingedHandle final : PlainHandle {
    explicit PingedHandle(boost::asio::any_io_executor executor) : happened(executor) {}
    awaitable<Status> ping(std::chrono::milliseconds limit) override {
        ++pings;
        happened.notify_all();
        if (pings == stuck_at) co_await async::sleep_for(limit);
        if (silent) co_return fail(Errc::timed_out, Hop::agent, "it says nothing");
        co_return Status();
    }
    awaitable<Result<bool>> kill(std::chrono::milliseconds) override {
        ++kills;
        happened.notify_all();
        if (unkillable) co_return fail(Errc::proxy_failed, Hop::local, "it runs on");
        co_return true;
    }
    async::Event happened;
    int pings = 0, kills = 0;
    int stuck_at = 0; ///< the ping that waits for its whole limit
    bool silent = false, unkillable = false;
};

/// One proxy that is pinged while the story runs.
struct Pinged {
    explicit Pinged(boost::asio::io_context& context)
        : tasks(context.get_executor()), pings(proxies, tasks, quick_pings),
          handle(std::make_shared<PingedHandle>(context.get_executor())),
          proxy(proxy_with(context.get_executor(), handle)) {
        proxies.add(proxy);
    }
    awaitable<void> until(const std::function<bool()>& predicate) {
        while (!predicate()) co_await handle->happened.wait();
    }
    Proxies proxies;
    async::TaskGroup tasks;
    ProxyPings pings;
    std::shared_ptr<PingedHandle> handle;
    std::shared_ptr<ManagedProxy> proxy;
};

using PingStory = std::function<awaitable<void>(Pinged&)>;
void with_pings(PingStory story) {
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Pinged pinged(context);
        co_await story(pinged);
        co_await pinged.tasks.stop();
    });
}

} // namespace

TEST_CASE("pings: the second one in a row without an answer is the end of a process") {
    with_pings([](Pinged& stage) -> awaitable<void> {
        stage.handle->silent = true;
        stage.tasks.spawn(stage.pings.run(), "pings");
        auto killed = [&] { return stage.handle->kills > 0; };
        co_await stage.until(killed);
        CHECK(stage.handle->pings == 2);
        CHECK(stage.proxy->unanswered == 2);
        CHECK(stage.proxy->hung()); // for whoever starts the next process
    });
}

TEST_CASE("pings: a process that answers is asked again and again, and left alone") {
    with_pings([](Pinged& stage) -> awaitable<void> {
        stage.proxy->unanswered = 1;
        stage.tasks.spawn(stage.pings.run(), "pings");
        auto asked = [&] { return stage.handle->pings == 5; };
        co_await stage.until(asked);
        CHECK(stage.handle->kills == 0);
        CHECK(stage.proxy->unanswered == 0);
        CHECK_FALSE(stage.proxy->hung());
    });
}

TEST_CASE("pings: what a process says by itself counts as its answer") {
    with_pings([](Pinged& stage) -> awaitable<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        const auto talker = std::make_shared<PingedHandle>(executor);
        auto talking = proxy_with(executor, talker, "talking");
        talking->heard = std::chrono::steady_clock::now() + 1h; // it goes on
        stage.proxies.add(std::move(talking));
        stage.tasks.spawn(stage.pings.run(), "pings");
        auto other_was_asked = [&] { return stage.handle->pings == 3; };
        co_await stage.until(other_was_asked);
        CHECK(talker->pings == 0);
    });
}

TEST_CASE("pings: an agentd that ends kills nobody, though nobody answers") {
    with_pings([](Pinged& stage) -> awaitable<void> {
        stage.handle->silent = true;
        stage.handle->stuck_at = PingPace::unanswered; // the last one, which would be the end
        stage.tasks.spawn(stage.pings.run(), "pings");
        auto asked = [&] { return stage.handle->pings == PingPace::unanswered; };
        co_await stage.until(asked);
        co_await stage.tasks.stop();
        CHECK(stage.handle->kills == 0);
        CHECK_FALSE(stage.proxy->pinging());
    });
}

TEST_CASE("pings: a process that cannot be killed is not called hung: it runs on") {
    with_pings([](Pinged& stage) -> awaitable<void> {
        stage.handle->unkillable = true;
        co_await end_hung(stage.proxy, stage.handle);
        CHECK(stage.handle->kills == 1);
        CHECK_FALSE(stage.proxy->hung());
    });
}

TEST_CASE("pings: a person who asks waits until the next process is there") {
    with_pings([](Pinged& stage) -> awaitable<void> {
        stage.handle->silent = true;
        auto next_one = [](Pinged& all) -> awaitable<void> {
            while (all.handle->kills == 0) co_await all.handle->happened.wait();
            all.proxy->handle =
                std::make_shared<PingedHandle>(co_await boost::asio::this_coro::executor);
            all.proxy->changed.notify_all();
        };
        stage.tasks.spawn(next_one(stage), "next process");
        co_await stage.pings.revive_if_hung(stage.proxy);
        CHECK(stage.handle->kills == 1);
        CHECK(stage.proxy->handle != stage.handle);
    });
}
