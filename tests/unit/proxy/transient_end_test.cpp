// How a Proxy that ends with its session does end, and what does not end it.

#include "unit/proxy/fault_stage.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/session_identity.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;
using proxy::State;

TEST_CASE("transient: before the first connection it waits for as long as it takes, unless "
          "nobody may ever come") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.inactive_timeout = 150ms;
        FaultStage stage(context, answer_one(), {}, std::move(options));
        const bool ended = co_await async::with_timeout(stage.subject->wait_ended(), 500ms);
        CHECK_FALSE(ended);
        const auto got = co_await stage.ask("hello");
        CHECK(got.complete());
        const bool after = co_await async::with_timeout(stage.subject->wait_ended(), 15s);
        CHECK(after);
        CHECK(stage.subject->reason() == "Inactivity timeout reached");
        co_await stage.end();
    });
}

TEST_CASE("transient: a connection that is refused does not end the others' way in") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, echo());
        auto first = co_await stage.client();
        co_await send(first, "a");
        const auto said = co_await read_exactly(first, 1);
        CHECK(said == "a");
        const auto limit = stage.session().limit;
        stage.session().limit = stage.session().used; // used up, for this moment
        auto refused = co_await stage.client();
        const auto got = co_await read_to_end(refused);
        CHECK(got.bytes.empty());
        CHECK(stage.failures.size() == 1);
        const auto ending = [&] { return stage.subject->state() != State::busy; };
        for (int i = 0; i < 30 && !ending(); ++i) co_await async::sleep_for(10ms);
        CHECK_FALSE(ending());
        stage.session().limit = limit;
        auto next = co_await stage.client();
        co_await send(next, "b");
        const auto said2 = co_await read_exactly(next, 1);
        CHECK(said2 == "b");
        co_await stage.end();
    });
}

TEST_CASE("transient: a session that could not be canceled is not said to be") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        stage.authority.refuse_cancel = true;
        co_await stage.end(true);
        CHECK_FALSE(stage.subject->session_canceled());
    });
}

TEST_CASE("transient: once it has ended its port refuses, whoever else holds the socket") {
    const bool handed_over = GENERATE(false, true);
    run([=](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        const auto port = stage.subject->port();
        const auto kept = stage.subject->listening_sockets(); // as agentd has them
        proxy::Proxy::Ending ending;
        ending.reason = model::Reason(model::ReasonCode::stopped, "the test is over");
        ending.hand_over = handed_over;
        stage.subject->end(std::move(ending));
        const bool ended = co_await async::with_timeout(stage.subject->wait_ended(), 15s);
        CHECK(ended);
        tcp::socket client(context);
        const tcp::endpoint there(boost::asio::ip::address_v4::loopback(), port);
        const auto [ec] = co_await client.async_connect(there, async::token);
        if (handed_over)
            CHECK_FALSE(ec); // it waits for the next process
        else
            CHECK(ec == boost::asio::error::connection_refused);
        co_await stage.end();
    });
}

TEST_CASE("transient: a session's end is the end of a connection that its worker forgets to cut") {
    run([](io_context& context) -> awaitable<void> {
        devserver::test::MemoryAuthority authority;
        devserver::Worker worker(context.get_executor(), authority);
        REQUIRE(worker.listen("127.0.0.1", 0));
        tcp::acceptor target(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        auto& made = authority.add(
            "s_1234567890", "tcp://127.0.0.1:" + std::to_string(target.local_endpoint().port()),
            wall_now() + 1h);
        proxy::SessionKeys keys;
        keys.authorization.session_id = "s_1234567890";
        keys.authorization.certificate = made.record.certificate_der;
        keys.authorization.private_key = made.record.private_key;
        keys.authorization.expiration = wall_now() + 1s; // long before the worker thinks
        keys.authorization.endpoint = made.record.endpoint;
        keys.authorization.connection_limit = -1;
        keys.authorization.workers = {"127.0.0.1:" +
                                      std::to_string(worker.endpoints().front().port())};
        auto subject =
            proxy::Proxy::create(context.get_executor(), std::move(keys), proxy::ProxyOptions(),
                                 [](proxy::Change, const std::string&) {});
        REQUIRE(subject.has_value());
        REQUIRE((*subject)->start());
        tcp::socket client(context);
        const tcp::endpoint there(boost::asio::ip::address_v4::loopback(), (*subject)->port());
        const auto [ec] = co_await client.async_connect(there, async::token);
        REQUIRE_FALSE(ec);
        auto [accept_ec, end_of_target] = co_await target.async_accept(async::token);
        REQUIRE_FALSE(accept_ec);
        const auto got = co_await async::with_timeout(read_to_end(client), 15s);
        REQUIRE(got.has_value());
        CHECK(got->end == boost::asio::error::connection_reset);
        const bool ended = co_await async::with_timeout((*subject)->wait_ended(), 15s);
        CHECK(ended);
        CHECK((*subject)->reason() == "Session has expired");
        co_await worker.stop();
    });
}
