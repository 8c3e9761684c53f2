// What ends with a login and what does not; what a login, a cancel and a borrowed login ask of a
// controller.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

TEST_CASE("agent: a logout takes what this login made, and nothing of another one") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.log_in(1h, "at_2", "work");
        const auto own = co_await stage.keep("own", "ttcp_one");
        auto options = words_for("ttcp_two", "work");
        options.persistent = true;
        auto choice = stage.choice();
        choice.token_name = "work";
        NoProgress none;
        const auto connected = co_await stage.agent.connect(choice, std::move(options), none);
        REQUIRE(connected.has_value());
        const auto of_work = stage.newest();

        const auto out = co_await stage.agent.logout(stage.choice());
        REQUIRE(out.has_value());
        CHECK(out->sessions.size() == 1);
        const auto waits = [&] { return own->status.state == ProxyState::waiting_login; };
        const bool told = co_await until(waits);
        CHECK(told);
        const auto touched = [&] { return of_work->status.state != ProxyState::ready; };
        const bool both = co_await until(touched, 200ms);
        CHECK_FALSE(both);
        REQUIRE(stage.logins.list().size() == 1);
        CHECK(stage.logins.list()[0].key.token_name == "work");
    };
    tell(story);
}

TEST_CASE("agent: a logout ends what ends with its session, without canceling what is canceled") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto connected = co_await stage.connect(words_for("ttcp_one", "once"));
        REQUIRE(connected.has_value());
        const auto out = co_await stage.agent.logout(stage.choice());
        REQUIRE(out.has_value());
        const auto over = [&] { return stage.agent.proxies().find("once") == nullptr; };
        const bool ended = co_await until(over);
        CHECK(ended);
        CHECK(stage.newest()->stopped);
        CHECK(stage.controller.count(":cancel") == 0);
        CHECK(stage.store.sessions().value().empty());
    };
    tell(story);
}

TEST_CASE(
    "agent: nobody is led to a proxy that ends with its login, however long it takes to end") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto options = words_for("ttcp_one");
        options.reuse = true;
        const auto first = co_await stage.connect(options);
        REQUIRE(first.has_value());
        stage.newest()->frozen = true; // it is not gone at once
        const auto out = co_await stage.agent.logout(stage.choice());
        REQUIRE(out.has_value());
        co_await stage.log_in();
        const auto second = co_await stage.connect(options);
        REQUIRE(second.has_value());
        CHECK(second->proxy.session_id != first->proxy.session_id);
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: a logout that the controller cannot do now keeps the login; one that it knows no "
          "more is gone") {
    const int status = GENERATE(503, 500, 401, 403, 404);
    INFO(status);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer("DELETE /v1/auth-tokens/at_1", status);
        const auto out = co_await stage.agent.logout(stage.choice());
        const bool dead = status < 500;
        CHECK(out.has_value() == dead);
        CHECK(stage.logins.list().empty() == dead);
        CHECK(stage.store.sessions().value().empty() == dead);
        CHECK(stage.controller.count("DELETE /v1/auth-tokens/at_1 ") == 1);
    };
    tell(story);
}

TEST_CASE("agent: a password is sent once, however often its cluster may be asked") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        stage.controller.answer(":authenticate", 503);
        auto choice = stage.choice();
        choice.settings.max_retries = 2;
        Credentials credentials;
        credentials.auth_method_id = "ampw_1";
        credentials.login_name = "admin";
        credentials.password = Secret("x");
        credentials.store = true;
        const auto in = co_await stage.agent.authenticate(choice, std::move(credentials));
        REQUIRE_FALSE(in.has_value());
        CHECK(in.error().status == 503);
        CHECK(stage.controller.count(":authenticate") == 1);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}

TEST_CASE("agent: a login that is not to be kept is handed to the caller and kept nowhere") {
    const bool store = GENERATE(true, false);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        Credentials credentials;
        credentials.auth_method_id = "ampw_1";
        credentials.login_name = "admin";
        credentials.password = Secret("x");
        credentials.store = store;
        const auto in = co_await stage.agent.authenticate(stage.choice(), std::move(credentials));
        REQUIRE(in.has_value());
        CHECK(in->stored == store);
        CHECK(stage.logins.list().size() == (store ? 1U : 0U));
        const bool shown = dump_json(in->reply.item).find("at_1_secret") != std::string::npos;
        CHECK(shown == !store);
    };
    tell(story);
}

TEST_CASE("agent: a cancel whose session changed in between is tried once more, and no oftener") {
    const int times = GENERATE(1, -1);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const std::string id = stage.controller.make("ttcp_one");
        stage.controller.answer(":cancel", 500, 0, times);
        const auto done = co_await stage.agent.cancel_session(stage.choice(), id, std::nullopt);
        CHECK(done.has_value() == (times == 1));
        CHECK(stage.controller.count(":cancel") == 2);
        CHECK(stage.controller.count("GET /v1/sessions/" + id) == 2); // its version is read anew
        const std::string other = stage.controller.make("ttcp_one");
        stage.controller.answer(":cancel", 500);
        const auto with_version = co_await stage.agent.cancel_session(stage.choice(), other, 1);
        CHECK_FALSE(with_version.has_value());
        CHECK(stage.controller.count(other + ":cancel") == 1); // the caller's version is final
    };
    tell(story);
}
