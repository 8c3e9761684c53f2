// What a persistent Proxy does with sessions that are not as they should be: expired, over, refused
// again and again, or given again; and which of several is whose.

#include "unit/proxy/persistent_stage.hpp"

#include "support/loopback_server.hpp"
#include "support/run_coroutine.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using proxy::Standing;
using proxy::State;
using Stage = PersistentStage;

namespace {

awaitable<bool> comes_true(std::function<bool()> condition, std::chrono::milliseconds limit = 15s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition() && std::chrono::steady_clock::now() < end) co_await async::sleep_for(5ms);
    co_return condition();
}

} // namespace

TEST_CASE("persistent: a session that has expired already is not taken") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto keys = stage.keys("s_1");
        keys.authorization.expiration = wall_now() - 1s;
        const auto given = stage.subject->give_session(std::move(keys));
        REQUIRE_FALSE(given.has_value());
        CHECK(given.error().code == Errc::session_over);
        CHECK(stage.subject->state() == State::idle);
        CHECK(stage.changes[Change::session_given] == 0);
        co_await stage.end();
    });
}

TEST_CASE("persistent: a proxy that ends takes no session any more") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto keys = stage.keys("s_1");
        Proxy::Ending ending;
        ending.reason = model::Reason(model::ReasonCode::stopped, "the test is over");
        stage.subject->end(std::move(ending));
        const auto given = stage.subject->give_session(std::move(keys));
        REQUIRE_FALSE(given.has_value());
        CHECK(given.error().code == Errc::session_over);
        co_await stage.end();
    });
}

TEST_CASE("persistent: what is said to wait for means nothing once the session has come") {
    LoopbackServer target(serve_echo);
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        for (const auto wait : {Standing::Wait::person, Standing::Wait::login,
                                Standing::Wait::network, Standing::Wait::none}) {
            const model::Reason late(model::ReasonCode::other,
                                     "it was on its way when the session came");
            stage.subject->hold(wait, late, false);
            CHECK(stage.subject->state() == State::ready);
            CHECK(stage.subject->reason().empty());
        }
        auto client = co_await stage.client();
        const bool right = co_await echoes(client, "hello");
        CHECK(right);
        co_await stage.end();
    });
}

TEST_CASE("persistent: a session that was over is a new one when it comes again, one that was "
          "lost goes on") {
    const bool over = GENERATE(true, false);
    LoopbackServer target(serve_echo);
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1");
        auto same = keys;
        REQUIRE(stage.subject->give_session(std::move(keys)));
        auto client = co_await stage.client();
        const bool first = co_await echoes(client, "hello");
        CHECK(first);
        if (over) {
            stage.subject->hold(Standing::Wait::none,
                                model::Reason(model::ReasonCode::none, "it was canceled"), true);
            CHECK(stage.subject->state() == State::busy); // the client's goes on
            same = stage.keys("s_1");                     // with another key
        } else {
            stage.authority.sessions.at("s_1").record.status =
                devserver::SessionStatus::canceling; // for a moment
            auto refused = co_await stage.client();
            const bool lost = co_await stage.happened(Change::session_lost);
            REQUIRE(lost);
            stage.authority.sessions.at("s_1").record.status = devserver::SessionStatus::active;
        }
        REQUIRE(stage.subject->give_session(std::move(same)));
        auto next = co_await stage.client();
        const bool second = co_await echoes(next, "again");
        CHECK(second);
        co_await stage.end();
    });
}

TEST_CASE("persistent: a client whose sessions are all refused is let go after a few, with the "
          "reason") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto client = co_await stage.client();
        int given = 0;
        for (; given < 6; ++given) {
            const auto wanted_or_failed = [&] {
                return stage.changes[Change::session_wanted] > given || !stage.failures.empty();
            };
            const bool told = co_await comes_true(wanted_or_failed);
            REQUIRE(told);
            if (!stage.failures.empty()) break;
            auto keys = stage.keys("s_" + std::to_string(given + 1));
            stage.authority.sessions.at(keys.authorization.session_id).record.status =
                devserver::SessionStatus::canceling;
            REQUIRE(stage.subject->give_session(std::move(keys)));
        }
        CHECK(given >= 2);
        CHECK(given <= 4);
        REQUIRE_FALSE(stage.failures.empty());
        const auto end = co_await end_of(client);
        CHECK(end == boost::asio::error::connection_reset); // no answer, and none that is one
        co_await stage.end();
    });
}

TEST_CASE("persistent: a late word about an earlier session costs the present one nothing") {
    LoopbackServer target(serve_echo);
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        stage.worker.faults().delay = 1s; // before it says how many are left
        auto keys = stage.keys("s_1", 1);
        REQUIRE(stage.subject->give_session(std::move(keys)));
        auto first = co_await stage.client();
        const auto came = [&] { return stage.worker.accepted() > 0; };
        const bool begun = co_await comes_true(came);
        REQUIRE(begun);
        auto more = stage.keys("s_2");
        REQUIRE(stage.subject->give_session(std::move(more)));
        const bool right = co_await echoes(first, "hello"); // on the last connection of s_1
        CHECK(right);
        CHECK(stage.changes[Change::session_ended] == 0);
        CHECK(stage.changes[Change::session_lost] == 0);
        auto second = co_await stage.client();
        const bool too = co_await echoes(second, "hello");
        CHECK(too);
        co_await stage.end();
    });
}

TEST_CASE("persistent: the end cancels the session it has, and none that is over already") {
    const bool over = GENERATE(true, false);
    run([over](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        if (over)
            stage.subject->hold(Standing::Wait::none,
                                model::Reason(model::ReasonCode::none, "it was canceled"), true);
        Proxy::Ending ending;
        ending.reason = model::Reason(model::ReasonCode::stopped, "the test is over");
        ending.cancel_session = true;
        stage.subject->end(std::move(ending));
        const bool ended = co_await async::with_timeout(stage.subject->wait_ended(), 15s);
        CHECK(ended);
        CHECK(stage.subject->session_canceled() == !over);
        CHECK((stage.worker.accepted() > 0) == !over);
        co_await stage.end();
    });
}

TEST_CASE("persistent: a session that nobody uses is given up after its time, and canceled where "
          "it is ours") {
    const bool ours = GENERATE(true, false);
    LoopbackServer target(serve_echo);
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.inactive_timeout = 200ms;
        options.cancel_when_inactive = ours;
        Stage stage(context, target.address(), options);
        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        const auto ended = [&] { return stage.changes[Change::session_ended] > 0; };
        const bool unused = co_await comes_true(ended, 500ms); // nobody has used it yet
        CHECK_FALSE(unused);
        auto client = co_await stage.client();
        const bool right = co_await echoes(client, "hello");
        CHECK(right);
        const bool while_used = co_await comes_true(ended, 500ms);
        CHECK_FALSE(while_used);
        client.close();
        const bool given_up = co_await comes_true(ended);
        REQUIRE(given_up);
        CHECK(stage.subject->state() == State::idle);
        const auto canceled = [&] {
            return stage.authority.session_status("s_1") == devserver::SessionStatus::canceling;
        };
        const bool told = co_await comes_true(canceled, ours ? 15s : 300ms);
        CHECK(told == ours);
        co_await stage.end();
    });
}

TEST_CASE("persistent: that one connection is left is told once, and not while two are") {
    LoopbackServer target(serve_echo);
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1", 3);
        REQUIRE(stage.subject->give_session(std::move(keys)));
        auto first = co_await stage.client();
        bool right = co_await echoes(first, "one");
        CHECK(right);
        CHECK(stage.changes[Change::limit_near] == 0);
        auto second = co_await stage.client();
        right = co_await echoes(second, "two");
        CHECK(right);
        CHECK(stage.changes[Change::limit_near] == 1);
        co_await stage.end();
    });
}
