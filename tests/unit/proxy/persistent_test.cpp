// A persistent Proxy: its port stays while sessions come and go.

#include "unit/proxy/persistent_stage.hpp"

#include "support/loopback_server.hpp"
#include "support/run_coroutine.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using proxy::Standing;
using proxy::State;
using Stage = PersistentStage;

TEST_CASE(
    "persistent: a client that comes before the session is held, and served when it is there") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        CHECK(stage.subject->state() == State::idle);
        auto first = co_await stage.client();
        const std::string early = "sent before there was a session";
        co_await boost::asio::async_write(first, boost::asio::buffer(early), async::token);
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        CHECK(stage.subject->state() == State::authorizing);
        CHECK(stage.subject->clients_waiting() == 1);
        stage.subject->hold(Standing::Wait::login,
                            model::Reason(model::ReasonCode::login_needed, "log in first"), false);
        CHECK(stage.subject->state() == State::waiting_login);
        CHECK(stage.subject->reason() == "log in first");

        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        std::string back(early.size(), '\0');
        co_await boost::asio::async_read(first, boost::asio::buffer(back), async::token);
        CHECK(back == early);
        CHECK(stage.subject->state() == State::busy);
        CHECK(stage.subject->reason().empty());
        co_await stage.end();
    });
}

TEST_CASE("persistent: who is held too long, or as one too many, gets a clean end") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.hold.clients = 1;
        options.hold.time = 300ms;
        Stage stage(context, "127.0.0.1:1", options);
        auto first = co_await stage.client();
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        auto second = co_await stage.client();
        const std::string request = "hello";
        co_await boost::asio::async_write(second, boost::asio::buffer(request), async::token);
        const auto second_end = co_await end_of(second);
        CHECK(second_end == boost::asio::error::eof);
        const auto first_end = co_await end_of(first);
        CHECK(first_end == boost::asio::error::eof);
        CHECK(stage.subject->ledger().failures() == 2);
        REQUIRE(stage.failures.size() == 2);
        CHECK(stage.failures[0] == "1 clients wait for a session already: one more was let go");
        CHECK(stage.failures[1] == "no session within 0.3 s: the client was let go");
        co_await stage.end();
    });
}

TEST_CASE("persistent: a client that leaves while it is held is forgotten") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto client = co_await stage.client();
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        CHECK(stage.subject->clients_waiting() == 1);
        client.close();
        for (int i = 0; i < 1'500 && stage.subject->clients_waiting() > 0; ++i)
            co_await async::sleep_for(10ms);
        CHECK(stage.subject->clients_waiting() == 0); // long before its minute is over
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("persistent: who is held when the proxy ends is let go at once, also by an end that "
          "waits for clients") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto client = co_await stage.client();
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        Proxy::Ending ending;
        ending.reason = model::Reason(model::ReasonCode::stopped, "the test is over");
        ending.drain = true;
        stage.subject->end(std::move(ending));
        const bool at_once = co_await async::with_timeout(stage.subject->wait_ended(), 4s);
        CHECK(at_once); // 5 s is what an end waits for those that run
        co_await stage.end();
    });
}

TEST_CASE("persistent: a session that takes another's place takes its connections opened ahead of "
          "need, too") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        auto client = co_await stage.client();
        const bool right = co_await echoes(client, "hello");
        CHECK(right);
        client.close();
        for (int i = 0; i < 1'500 && stage.worker.open() != 1; ++i) co_await async::sleep_for(10ms);
        CHECK(stage.worker.open() == 1); // the one that is ready
        auto more = stage.keys("s_2");
        REQUIRE(stage.subject->give_session(std::move(more)));
        for (int i = 0; i < 1'500 && stage.worker.open() > 0; ++i) co_await async::sleep_for(10ms);
        CHECK(stage.worker.open() == 0);
        co_await stage.end();
    });
}

TEST_CASE(
    "persistent: an expired session costs its place only; the next connection asks for another") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1", -1, wall_now() + 1s);
        REQUIRE(stage.subject->give_session(std::move(keys)));
        CHECK(stage.subject->state() == State::ready);
        const auto port = stage.subject->port();
        const bool ended = co_await stage.happened(Change::session_ended);
        REQUIRE(ended);
        CHECK(stage.subject->state() == State::idle);
        CHECK(stage.subject->reason() == "Session has expired");
        auto client = co_await stage.client();
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        auto more = stage.keys("s_2");
        REQUIRE(stage.subject->give_session(std::move(more)));
        const bool right = co_await echoes(client, "hello");
        CHECK(right);
        CHECK(stage.subject->port() == port);
        co_await stage.end();
    });
}

TEST_CASE(
    "persistent: the last connection of a session goes on while the next one gets a new session") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1", 2);
        REQUIRE(stage.subject->give_session(std::move(keys)));
        auto first = co_await stage.client();
        bool right = co_await echoes(first, "one");
        CHECK(right);
        CHECK(stage.changes[Change::limit_near] == 1);
        auto second = co_await stage.client();
        right = co_await echoes(second, "two");
        CHECK(right);
        const bool ended = co_await stage.happened(Change::session_ended);
        REQUIRE(ended);
        auto third = co_await stage.client();
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        auto more = stage.keys("s_2");
        REQUIRE(stage.subject->give_session(std::move(more)));
        right = co_await echoes(third, "three");
        CHECK(right);
        right = co_await echoes(first, "one again");
        CHECK(right);
        right = co_await echoes(second, "two again");
        CHECK(right);
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("persistent: a client on a session that was canceled behind our back is carried by the "
          "next one") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, target.address());
        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        stage.authority.sessions.at("s_1").record.status = devserver::SessionStatus::canceling;
        auto client = co_await stage.client();
        const bool lost = co_await stage.happened(Change::session_lost);
        REQUIRE(lost);
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        auto more = stage.keys("s_2");
        REQUIRE(stage.subject->give_session(std::move(more)));
        const bool right = co_await echoes(client, "hello");
        CHECK(right);
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("persistent: while a person has to decide, clients are turned away at once and say that "
          "they were there") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        auto waiting = co_await stage.client();
        const bool wanted = co_await stage.happened(Change::session_wanted);
        REQUIRE(wanted);
        stage.subject->hold(Standing::Wait::person,
                            model::Reason(model::ReasonCode::session_canceled,
                                          "an administrator canceled the session"),
                            false);
        CHECK(stage.subject->state() == State::blocked);
        const auto end = co_await end_of(waiting);
        CHECK(end);
        auto next = co_await stage.client();
        const bool again = co_await stage.happened(Change::session_wanted, 2);
        CHECK(again);
        const auto next_end = co_await end_of(next);
        CHECK(next_end);
        CHECK(stage.failures.size() == 2);
        stage.subject->hold(Standing::Wait::none, model::Reason(), false);
        CHECK(stage.subject->state() == State::idle);
        co_await stage.end();
    });
}

TEST_CASE("persistent: a taken port is told with its holder, and taken back when it is free") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        auto holder = std::make_unique<test::LoopbackServer>(test::serve_echo);
        proxy::ProxyOptions options;
        options.listen_port = holder->port();
        options.wait_for_port = true;
        Stage stage(context, target.address(), options);
        CHECK(stage.subject->state() == State::blocked);
        CHECK(stage.changes[Change::port_blocked] == 1);
        CHECK(stage.subject->reason().find("in use by proxy_test") != std::string::npos);
        CHECK(stage.subject->port() == options.listen_port);
        auto keys = stage.keys("s_1");
        REQUIRE(stage.subject->give_session(std::move(keys)));
        CHECK(stage.subject->state() == State::blocked);
        holder.reset();
        const bool listening = co_await stage.happened(Change::started);
        REQUIRE(listening);
        CHECK(stage.subject->state() == State::ready);
        CHECK(stage.subject->reason().empty());
        auto client = co_await stage.client();
        const bool right = co_await echoes(client, "hello");
        CHECK(right);
        co_await stage.end();
    });
}

TEST_CASE(
    "persistent: without a wish it takes a port that nobody gets for an outgoing connection") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        Stage stage(context, "127.0.0.1:1");
        CHECK(stage.subject->port() >= 15'000);
        CHECK(stage.subject->port() < 30'000);
        co_await stage.end();
    });
}
