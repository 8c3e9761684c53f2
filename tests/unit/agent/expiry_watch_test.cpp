// Warnings of what ends by itself: each mark once, and none for what began after it.

#include "agent/session/expiring.hpp"

#include "async/task_group.hpp"
#include "base/time.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <boost/asio/post.hpp>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// A watch over one thing, whose end comes nearer as the test wants it.
struct Watched {
    explicit Watched(boost::asio::io_context& context)
        : executor(context.get_executor()), events(executor),
          watch(executor, events, [this] { return list(); }), tasks(executor) {
        events.record_with([this](const AgentEvent& event) { told.push_back(event); });
        tasks.spawn(watch.run(), "expiry");
    }
    awaitable<std::vector<Expiring>> list() {
        ++looks;
        Expiring one;
        one.key = one.what = "login at_1";
        one.expiration = expiration;
        one.next_step = "log in again";
        co_return std::vector<Expiring>{one};
    }
    /// The watch has looked, and this much was left.
    awaitable<void> look(std::chrono::minutes left) {
        expiration = format_rfc3339(wall_now() + left);
        const int before = looks;
        while (looks == before) {
            watch.look_again();
            co_await boost::asio::post(executor, async::token);
        }
    }
    boost::asio::any_io_executor executor;
    EventHub events;
    ExpiryWatch watch;
    async::TaskGroup tasks;
    std::string expiration;
    int looks = 0;
    std::vector<AgentEvent> told;
};

using ExpiryStory = std::function<awaitable<void>(Watched&)>;
void tell(ExpiryStory story) {
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Watched watched(context);
        co_await story(watched);
        co_await watched.tasks.stop();
    });
}

} // namespace

TEST_CASE("expiry: 15 and 5 minutes before an end it is told, once each, with the next step") {
    tell([](Watched& stage) -> awaitable<void> {
        co_await stage.look(16min);
        CHECK(stage.told.empty());
        co_await stage.look(14min);
        REQUIRE(stage.told.size() == 1);
        CHECK(stage.told[0].kind == model::EventKind::expiry_near);
        CHECK(stage.told[0].message == "login at_1 ends in 14 minutes: log in again");
        co_await stage.look(13min);
        CHECK(stage.told.size() == 1);
        co_await stage.look(5min);
        REQUIRE(stage.told.size() == 2);
        CHECK(stage.told[1].message == "login at_1 ends in 5 minutes: log in again");
        co_await stage.look(1min);
        CHECK(stage.told.size() == 2);
    });
}

TEST_CASE("expiry: what was never seen before a mark is not warned of at that mark") {
    tell([](Watched& stage) -> awaitable<void> {
        co_await stage.look(10min);
        co_await stage.look(9min);
        CHECK(stage.told.empty());
        co_await stage.look(4min);
        CHECK(stage.told.size() == 1);
    });
}

TEST_CASE("expiry: what has ended, or never ends, is no news") {
    tell([](Watched& stage) -> awaitable<void> {
        co_await stage.look(16min);
        co_await stage.look(-1min);
        CHECK(stage.told.empty());
    });
}

TEST_CASE("expiry: the logins and the sessions of proxies end, and each says what that means") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        const auto executor = context.get_executor();
        keyring::Logins logins(executor, {});
        const keyring::Key key{"https://b.example", "default"};
        Secret login(R"({"id": "at_1", "expiration_time": "2100-01-01T00:00:00Z"})");
        logins.borrow(key, std::move(login), std::nullopt, "pass");
        Proxies proxies;
        for (const bool kept : {true, false}) {
            auto proxy = std::make_shared<ManagedProxy>(executor);
            proxy->status.name = kept ? "kept" : "short";
            proxy->status.session_id = kept ? "s_1" : "s_2";
            proxy->status.expiration = "2100-01-02T00:00:00Z";
            proxy->held_session = proxy->status.session_id;
            proxy->spec.persistent = kept;
            proxy->token_name = kept ? "default" : "none";
            proxy->settings = controller::settings_for("https://b.example").value();
            proxies.add(std::move(proxy));
        }
        auto idle = std::make_shared<ManagedProxy>(executor);
        idle->status.name = "idle";
        proxies.add(std::move(idle));

        logins.start();
        const auto all = co_await expiring(logins, proxies);
        REQUIRE(all.size() == 3);
        CHECK(all[0].key == "login at_1");
        CHECK(all[0].what == "login default at https://b.example");
        CHECK(all[0].expiration == "2100-01-01T00:00:00Z");
        CHECK(all[0].next_step == "agentctl authenticate, with -addr https://b.example; 1 sessions "
                                  "of proxies end with it");
        CHECK_FALSE(all[0].proxy.has_value());
        CHECK(all[1].what == "session s_1 of proxy kept");
        CHECK(all[1].next_step == "its connections are cut then; new ones get a new session");
        REQUIRE(all[1].proxy.has_value());
        CHECK(all[1].proxy->name == "kept");
        CHECK(all[2].next_step ==
              "its connections are cut then, and the proxy ends: agentctl connect again");
        co_await logins.stop();
    });
}
