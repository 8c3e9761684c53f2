// What a person decides about a proxy's session: it holds for one session, and for one answer.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Somebody cancels its newest session at the controller, and the agent hears of it.
awaitable<bool> canceled_for(AgentStage& stage, std::shared_ptr<ProxyObject> kept) {
    const std::string newest = stage.controller.sessions().back();
    stage.controller.cancel(newest);
    const auto read = co_await stage.agent.read(stage.choice(), "sessions", newest);
    if (!read) co_return false;
    const auto told = [&] { return kept->status.state == core::ProxyState::blocked; };
    const bool blocked = co_await until(told);
    co_return blocked;
}

} // namespace

TEST_CASE("agent: a person's word gives one session: when that is canceled as well, somebody "
          "decides anew") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const bool first = co_await canceled_for(stage, kept);
        REQUIRE(first);
        const auto reconnected = co_await stage.agent.reconnect("pg");
        REQUIRE(reconnected.has_value());
        REQUIRE(stage.controller.sessions().size() == 2);
        const auto proxy = stage.agent.proxies().find("pg");
        CHECK_FALSE(proxy->asked_for());
        CHECK_FALSE(proxy->needs_person());
        const bool second = co_await canceled_for(stage, kept);
        REQUIRE(second);
        kept->waits.clear();
        kept->want();
        const auto answered = [&] { return !kept->waits.empty() && !proxy->providing(); };
        const bool done = co_await until(answered);
        REQUIRE(done);
        CHECK(kept->waits == std::vector<std::string>{"person"});
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: a person who asks gets one answer, and the controller one question") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto proxy = stage.agent.proxies().find("pg");
        kept->lose_session("Session has expired");
        const auto heard = [&] { return proxy->held_session.empty(); };
        const bool over = co_await until(heard);
        REQUIRE(over);
        stage.controller.answer(":authorize-session", 400);
        const int before = stage.controller.count(":authorize-session");
        const auto reconnected = co_await stage.agent.reconnect("pg");
        REQUIRE_FALSE(reconnected.has_value());
        const auto rests = [&] { return !proxy->providing(); };
        const bool done = co_await until(rests, 10s);
        CHECK(done);
        CHECK_FALSE(proxy->asked_for());
        CHECK(stage.controller.count(":authorize-session") == before + 1);
    };
    tell(story);
}
