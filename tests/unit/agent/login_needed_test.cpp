// Nobody is logged in: whoever waits for that is told, and whoever asks hears how to log in.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Counts what the agent tells of one kind.
class Counted {
  public:
    Counted(AgentStage& stage, EventKind kind)
        : stage_(stage), kind_(kind), watcher_(stage.agent.events()) {}
    awaitable<int> so_far() {
        stage_.agent.events().publish(EventKind::other, "now");
        for (;;) {
            const auto event = co_await watcher_.next();
            if (event.kind == EventKind::other) co_return count_;
            count_ += event.kind == kind_;
        }
    }

  private:
    AgentStage& stage_;
    EventKind kind_;
    EventHub::Watcher watcher_;
    int count_ = 0;
};

} // namespace

TEST_CASE("agent: a client that comes after a logout makes the agent say that a login is needed, "
          "once") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto done = co_await stage.agent.logout(stage.choice());
        REQUIRE(done.has_value());
        const auto proxy = stage.agent.proxies().find("pg");
        const auto out = [&] { return proxy->status.state == ProxyState::waiting_login; };
        const bool waits = co_await until(out);
        REQUIRE(waits);
        Counted needed(stage, EventKind::login_needed);
        kept->want();
        const auto asks = [&] { return proxy->login_called_for(); };
        const bool told = co_await until(asks, 5s);
        CHECK(told);
        kept->want(); // a second one waits for the same
        const auto held = [&] { return proxy->status.clients_waiting == 2; };
        const bool both = co_await until(held, 5s);
        CHECK(both);
        const int times = co_await needed.so_far();
        CHECK(times == 1);
    };
    tell(story);
}

TEST_CASE("agent: without a login a refusal is LoginNeeded, with the way to log in, and the "
          "controller's words") {
    const int status = GENERATE(401, 403);
    const bool named = GENERATE(true, false);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        if (named) {
            const auto added = stage.clusters.add("work", stage.choice().settings);
            REQUIRE(added.has_value());
        }
        stage.controller.answer("/v1/targets", status);
        const auto read = co_await stage.agent.read(stage.choice(), "targets", "ttcp_one");
        REQUIRE_FALSE(read.has_value());
        const Error& error = read.error();
        CHECK(error.code == Errc::login_needed);
        CHECK(error.hop == Hop::login);
        CHECK(error.status == status);
        CHECK(error.message == "as the test wants it");
        const std::string step = named ? "agentctl login work"
                                       : "agentctl login -addr " + stage.choice().settings.address;
        CHECK(error.hint.find(step) != std::string::npos);
        ListOptions options;
        options.resource = "targets";
        options.recursive = true;
        const auto list = co_await verbs::list(stage.agent.controllers(), stage.choice(),
                                               std::move(options), nullptr);
        REQUIRE_FALSE(list.has_value());
        CHECK(list.error().code == Errc::login_needed);
    };
    tell(story);
}

TEST_CASE("agent: a caller's own token that is refused is no missing login") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        stage.controller.answer("/v1/targets", 401);
        auto choice = stage.choice();
        choice.token = Secret("at_2_other");
        const auto read = co_await stage.agent.read(std::move(choice), "targets", "ttcp_one");
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().code == Errc::controller_error);
    };
    tell(story);
}

TEST_CASE("agent: a wrong password is AuthenticationFailed, with the controller's words") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        stage.controller.answer(":authenticate", 401);
        Credentials options;
        options.auth_method_id = "ampw_1";
        options.login_name = "admin";
        options.password = Secret("wrong");
        const auto done = co_await stage.agent.authenticate(stage.choice(), std::move(options));
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Errc::authentication_failed);
        CHECK(done.error().status == 401);
        CHECK_FALSE(done.error().body.empty());
    };
    tell(story);
}
