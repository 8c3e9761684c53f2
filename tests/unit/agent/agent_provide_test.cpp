// From a client that waits to a session: what stands in the way, how often a controller is asked,
// and what the end of the hindrance wakes.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

constexpr auto authorize = ":authorize-session";

/// Its session is over, and a client waits for the next.
void expire_and_want(ProxyObject& proxy) {
    proxy.lose_session("Session has expired");
    proxy.want();
}

awaitable<bool> comes_to(std::shared_ptr<ProxyObject> proxy, ProxyState state,
                         std::chrono::milliseconds deadline = 20s) {
    const auto there = [&] { return proxy->status.state == state; };
    co_return co_await until(there, deadline);
}

} // namespace

TEST_CASE("agent: a controller that takes the login no more is told from one that refuses the "
          "session") {
    const int refusal = GENERATE(401, 403);
    const int of_login = GENERATE(200, 401, 403, 404);
    if (refusal == 401 && of_login == 200) return; // no such controller
    INFO(refusal << " " << of_login);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer(authorize, refusal);
        if (of_login != 200) stage.controller.answer("GET /v1/auth-tokens/", of_login);
        expire_and_want(*kept);
        const bool decided = co_await comes_to(kept, of_login == 200 ? ProxyState::blocked
                                                                     : ProxyState::waiting_login);
        CHECK(decided);
        CHECK(stage.controller.sessions().size() == 1);
    };
    tell(story);
}

TEST_CASE("agent: what a controller cannot do just now is waited for, and tried again") {
    const int status = GENERATE(429, 500, 502, 503, 504);
    INFO(status);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer(authorize, status);
        expire_and_want(*kept);
        const bool waits = co_await comes_to(kept, ProxyState::waiting_network);
        REQUIRE(waits);
        CHECK(kept->status.clients_waiting == 1); // nobody was turned away
        stage.controller.answer(authorize, 0);
        const bool ready = co_await comes_to(kept, ProxyState::ready);
        CHECK(ready);
    };
    tell(story);
}

TEST_CASE("agent: what a controller refuses turns its clients away, and only a later one asks "
          "again") {
    const int status = GENERATE(400, 404);
    INFO(status);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer(authorize, status);
        expire_and_want(*kept);
        const bool refused = co_await comes_to(kept, ProxyState::blocked);
        REQUIRE(refused);
        const int asked = stage.controller.count(authorize);
        const auto more = [&] { return stage.controller.count(authorize) > asked; };
        kept->want(); // too soon after the refusal
        const bool asked_again = co_await until(more, 300ms);
        CHECK_FALSE(asked_again);
        stage.controller.answer(authorize, 0);
        const auto reconnected = co_await stage.agent.reconnect("pg"); // a person wants it now
        CHECK(reconnected.has_value());
    };
    tell(story);
}

TEST_CASE("agent: while a controller fails it is asked less and less often") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer(authorize, 503);
        expire_and_want(*kept);
        const bool waits = co_await comes_to(kept, ProxyState::waiting_network);
        REQUIRE(waits);
        // The first of them, one after a quarter of a second and one after half of one, at most.
        const auto often = [&] { return stage.controller.count(authorize) > 1 + 3; };
        const bool hammered = co_await until(often, 600ms);
        CHECK_FALSE(hammered);
    };
    tell(story);
}

TEST_CASE("agent: the time that a controller asks for is kept, whatever comes back meanwhile") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const int status = 429;
        stage.controller.answer(authorize, status, 3600);
        expire_and_want(*kept);
        const bool waits = co_await comes_to(kept, ProxyState::waiting_network);
        REQUIRE(waits);
        const int asked = stage.controller.count(authorize);
        stage.controller.answer(authorize, 0);
        stage.agent.check_connections("the test says so");
        const auto more = [&] { return stage.controller.count(authorize) > asked; };
        const bool asked_again = co_await until(more, 500ms);
        CHECK_FALSE(asked_again);
    };
    tell(story);
}

TEST_CASE("agent: a proxy that refuses its sessions gets no more of them than a controller that "
          "fails") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->refuses_renew = true;
        expire_and_want(*kept);
        const auto second = [&] { return stage.controller.sessions().size() >= 2; };
        const bool begun = co_await until(second);
        REQUIRE(begun);
        const auto often = [&] { return stage.controller.sessions().size() > 3; };
        const bool hammered = co_await until(often, 300ms);
        CHECK_FALSE(hammered);
    };
    tell(story);
}

TEST_CASE("agent: the second session of a kept proxy is its own, as the first was") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        expire_and_want(*kept);
        const bool ready = co_await comes_to(kept, ProxyState::ready);
        REQUIRE(ready);
        REQUIRE(stage.controller.sessions().size() == 2);
        const std::string second = stage.controller.sessions().back();
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK(done->session_canceled);
        CHECK(stage.controller.status(second) == "canceling");
        CHECK(stage.store.sessions().value().empty());
    };
    tell(story);
}

TEST_CASE("agent: a proxy for which nobody waits stops waiting for a login when somebody logs in") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto out = co_await stage.agent.logout(stage.choice());
        REQUIRE(out.has_value());
        const bool waits = co_await comes_to(kept, ProxyState::waiting_login);
        REQUIRE(waits);
        Credentials credentials;
        credentials.auth_method_id = "ampw_1";
        credentials.login_name = "admin";
        credentials.password = Secret("x");
        credentials.store = true;
        const auto in = co_await stage.agent.authenticate(stage.choice(), std::move(credentials));
        REQUIRE(in.has_value());
        const bool idle = co_await comes_to(kept, ProxyState::idle);
        CHECK(idle);
        CHECK(stage.controller.sessions().size() == 1); // nobody wants one yet
    };
    tell(story);
}

TEST_CASE("agent: a proxy for which nobody waits stops waiting for the network when it is back") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer(authorize, 503);
        stage.controller.hold(authorize);
        expire_and_want(*kept);
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool begun = co_await until(asking);
        REQUIRE(begun);
        kept->give_up_waiting();
        const auto heard = [&] { return kept->changes.empty(); };
        const bool known = co_await until(heard);
        REQUIRE(known);
        stage.controller.release();
        const bool waits = co_await comes_to(kept, ProxyState::waiting_network);
        REQUIRE(waits);
        const auto by_itself = [&] { return kept->status.state != ProxyState::waiting_network; };
        const bool left = co_await until(by_itself, 200ms);
        CHECK_FALSE(left); // nobody needs it
        stage.controller.answer(authorize, 0);
        stage.agent.check_connections("the test says so");
        const bool idle = co_await comes_to(kept, ProxyState::idle);
        CHECK(idle);
    };
    tell(story);
}

// Put back: what its workers refuse may be as good as before.

TEST_CASE("agent: a session that workers refuse is given back while the controller knows it") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        kept->lack_session("a worker does not know it");
        kept->want();
        const bool ready = co_await comes_to(kept, ProxyState::ready);
        REQUIRE(ready);
        CHECK(kept->status.session_id == first);
        CHECK(stage.controller.sessions().size() == 1);
    };
    tell(story);
}

TEST_CASE("agent: one that its workers refuse again and again is canceled and replaced") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        const auto served = [&] { return !kept->status.session_id.empty(); };
        int given = 0;
        while (kept->status.session_id == first && given < 10) {
            kept->lack_session("a worker does not know it");
            kept->want();
            const bool again = co_await until(served);
            REQUIRE(again);
            ++given;
        }
        CHECK(given >= 2); // it was tried
        CHECK(given <= 5); // and given up
        CHECK(stage.controller.status(first) == "canceling");
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: one that a connection got through on has all its chances again") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto served = [&] { return !kept->status.session_id.empty(); };
        for (int times = 0; times < 6; ++times) {
            kept->lack_session("a worker does not know it");
            kept->want();
            const bool again = co_await until(served);
            REQUIRE(again);
            kept->tell(EventKind::connection_opened);
            const auto heard = [&] { return kept->changes.empty(); };
            const bool taken = co_await until(heard);
            REQUIRE(taken);
        }
        CHECK(stage.controller.sessions().size() == 1);
    };
    tell(story);
}

TEST_CASE("agent: a session that its controller knows no more, or shows no more, is replaced") {
    const int status = GENERATE(401, 403, 404);
    INFO(status);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        stage.controller.answer("GET /v1/sessions/" + first, status);
        kept->lack_session("a worker does not know it");
        kept->want();
        const bool ready = co_await comes_to(kept, ProxyState::ready, 10s);
        REQUIRE(ready);
        CHECK(kept->status.session_id != first);
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: a session whose connections are used up is replaced, not given back") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        Json used = Json::object();
        used["connection_limit"] = 1;
        used["connections"] = Json::array();
        used["connections"].push_back(Json::object());
        stage.controller.describe(first, used);
        kept->lack_session("a worker does not know it");
        kept->want();
        const bool ready = co_await comes_to(kept, ProxyState::ready);
        REQUIRE(ready);
        CHECK(kept->status.session_id != first);
    };
    tell(story);
}

TEST_CASE("agent: a session with connections left, or without a limit, is given back") {
    const int limit = GENERATE(-1, 0, 2);
    INFO(limit);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        Json used = Json::object();
        used["connection_limit"] = limit;
        used["connections"] = Json::array();
        used["connections"].push_back(Json::object());
        stage.controller.describe(first, used);
        kept->lack_session("a worker does not know it");
        kept->want();
        const bool ready = co_await comes_to(kept, ProxyState::ready);
        REQUIRE(ready);
        CHECK(kept->status.session_id == first);
    };
    tell(story);
}
