// What is asked of a controller, and as whom.

#include "agent/clusters/controllers.hpp"

#include "async/task_group.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/agent/agent_stage.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Controllers without an agent, and with a login when the test wants one.
struct Asking {
    explicit Asking(boost::asio::io_context& context)
        : logins(context.get_executor(), one_keyring()),
          controllers(context.get_executor(), logins, clusters), tasks(context.get_executor()) {
        choice.settings = controller::settings_for(front.address()).value();
        choice.settings.timeout = 20s;
    }
    void log_in(const std::string& login = R"({"id": "at_1", "token": "at_1_secret"})") {
        logins.borrow(keyring::Key{choice.settings.address, "default"}, Secret(login), std::nullopt,
                      "pass");
    }
    awaitable<Result<controller::Reply>> ask(std::string path) {
        controller::Request request;
        request.path = std::move(path);
        co_return co_await controllers.ask(choice, std::move(request));
    }
    DirectedController front;
    keyring::Logins logins;
    state::StateStore store{":memory:"};
    Clusters clusters{store};
    Controllers controllers;
    async::TaskGroup tasks;
    ClusterChoice choice;
};

using AskingStory = std::function<awaitable<void>(Asking&)>;
void ask(AskingStory story) {
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Asking asking(context);
        asking.logins.start();
        co_await story(asking);
        co_await asking.tasks.stop();
        co_await asking.logins.stop();
    });
}

} // namespace

TEST_CASE("controllers: a refusal is an error with the controller's status and words") {
    ask([](Asking& stage) -> awaitable<void> {
        stage.log_in();
        stage.front.answer("/v1/targets", 429);
        const auto reply = co_await stage.ask("/v1/targets/ttcp_1");
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().code == Errc::controller_error);
        CHECK(reply.error().status == 429);
        CHECK(reply.error().message == "as the test wants it");
        CHECK(reply.error().hint.starts_with("the controller limits requests"));
    });
}

TEST_CASE("controllers: who is refused without a login is told to log in; with one, not") {
    const int status = GENERATE(401, 403);
    ask([status](Asking& stage) -> awaitable<void> {
        stage.front.answer("/v1/targets", status);
        const auto anonymous = co_await stage.ask("/v1/targets/ttcp_1");
        REQUIRE_FALSE(anonymous.has_value());
        CHECK(anonymous.error().hint == "there is no login for " + stage.choice.settings.address +
                                            ": agentctl login -addr " +
                                            stage.choice.settings.address);
        stage.log_in();
        const auto known = co_await stage.ask("/v1/targets/ttcp_1");
        REQUIRE_FALSE(known.has_value());
        CHECK(known.error().hint.find("there is no login") == std::string::npos);
    });
}

TEST_CASE("controllers: the caller's token goes before the login, and \"none\" before both") {
    ask([](Asking& stage) -> awaitable<void> {
        stage.log_in();
        ClusterChoice choice = stage.choice;
        const auto stored = co_await stage.controllers.token_of(choice);
        CHECK(stored.value() == Secret("at_1_secret"));
        choice.token = Secret("at_2_mine");
        const auto mine = co_await stage.controllers.token_of(choice);
        CHECK(mine.value() == Secret("at_2_mine"));
        const auto self = co_await stage.controllers.resolve_self(choice, "auth-tokens", "self");
        CHECK(self.value() == "at_2");
        const auto other = co_await stage.controllers.resolve_self(choice, "targets", "self");
        CHECK(other.value() == "self");
        choice.token.reset();
        choice.use_stored_login = false;
        const auto none = co_await stage.controllers.token_of(choice);
        CHECK(none.value().empty());
        const auto nobody = co_await stage.controllers.resolve_self(choice, "auth-tokens", "self");
        REQUIRE_FALSE(nobody.has_value());
        CHECK(nobody.error().code == Errc::login_needed);
    });
}

TEST_CASE("controllers: a login that nobody can read is an error, and no request without one") {
    ask([](Asking& stage) -> awaitable<void> {
        stage.log_in("not JSON");
        const auto reply = co_await stage.ask("/v1/targets/ttcp_1");
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().code == Errc::keyring_failed);
        CHECK(stage.front.count("/v1/targets") == 0);
    });
}

TEST_CASE("controllers: a controller that does not answer is named with its cluster") {
    ask([](Asking& stage) -> awaitable<void> {
        stage.choice.settings = controller::settings_for("http://127.0.0.1:1").value();
        stage.choice.cluster_name = "work";
        const auto reply = co_await stage.ask("/v1/targets/ttcp_1");
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().code == Errc::controller_unreachable);
        CHECK(reply.error().message.starts_with("cluster work: "));
    });
}

TEST_CASE("controllers: when the agent leaves, what waits fails at once, and what comes as well") {
    ask([](Asking& stage) -> awaitable<void> {
        stage.log_in();
        stage.front.hold("/v1/targets");
        std::optional<Result<controller::Reply>> late;
        auto wait = [](Asking& all,
                       std::optional<Result<controller::Reply>>& reply) -> awaitable<void> {
            reply = co_await all.ask("/v1/targets/ttcp_1");
        };
        stage.tasks.spawn(wait(stage, late), "ask");
        auto arrived = [&] { return stage.front.held() == 1; };
        const bool asked = co_await until(arrived);
        REQUIRE(asked);
        CHECK_FALSE(stage.controllers.leaving());
        stage.controllers.leave();
        CHECK(stage.controllers.leaving());
        co_await stage.tasks.drain();
        stage.front.release();
        REQUIRE((late && !*late));
        CHECK(late->error().code == Errc::canceled);
        // One of another cluster, whose client is made only now.
        stage.choice.settings.timeout = 19s;
        const auto later = co_await stage.ask("/v1/targets/ttcp_2");
        REQUIRE_FALSE(later.has_value());
        CHECK(later.error().code == Errc::canceled);
    });
}
