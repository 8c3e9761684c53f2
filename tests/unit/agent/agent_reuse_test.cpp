// Connect with reuse, and what a connect refuses before it asks anybody.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

ConnectOptions reusing(std::string target) {
    auto options = words_for(std::move(target));
    options.reuse = true;
    return options;
}

} // namespace

TEST_CASE("agent: who comes for the same target gets the proxy that is there, and one that nobody "
          "uses goes by itself") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto first = co_await stage.connect(reusing("ttcp_one"));
        REQUIRE(first.has_value());
        const ProxySpec& spec = stage.newest()->spec;
        CHECK(spec.inactive_from_start);
        CHECK(spec.inactive_timeout > 0ms);
        const auto second = co_await stage.connect(reusing("ttcp_one"));
        REQUIRE(second.has_value());
        CHECK(second->proxy.name == first->proxy.name);
        CHECK(stage.controller.sessions().size() == 1);
        const auto elsewhere = co_await stage.connect(reusing("ttcp_two"));
        REQUIRE(elsewhere.has_value());
        CHECK(elsewhere->proxy.name != first->proxy.name);
        auto to_host = reusing("ttcp_one");
        to_host.target.host_id = "hst_other";
        const auto other_host = co_await stage.connect(std::move(to_host));
        REQUIRE(other_host.has_value());
        CHECK(other_host->proxy.name != first->proxy.name);
    };
    tell(story);
}

TEST_CASE("agent: a proxy with no connections left, or that waits for somebody, is not reused") {
    const bool used_up = GENERATE(true, false);
    auto story = [=](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto first = co_await stage.connect(reusing("ttcp_one"));
        REQUIRE(first.has_value());
        const auto process = stage.newest();
        if (used_up)
            process->status.connections_left = 0;
        else
            process->status.state = ProxyState::blocked;
        process->tell(EventKind::proxy_changed);
        const auto heard = [&] { return process->changes.empty(); };
        const bool known = co_await until(heard);
        REQUIRE(known);
        const auto second = co_await stage.connect(reusing("ttcp_one"));
        REQUIRE(second.has_value());
        CHECK(second->proxy.name != first->proxy.name);
    };
    tell(story);
}

TEST_CASE("agent: nobody is led to a proxy of another login or of a caller's token") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.log_in(1h, "at_2", "work");
        const auto own = co_await stage.connect(reusing("ttcp_one"));
        REQUIRE(own.has_value());
        NoProgress none;
        auto work = stage.choice();
        work.token_name = "work";
        const auto of_work = co_await stage.agent.connect(work, reusing("ttcp_one"), none);
        REQUIRE(of_work.has_value());
        CHECK(of_work->proxy.name != own->proxy.name);
        auto caller = stage.choice();
        caller.token = Secret("at_3_callers");
        const auto callers = co_await stage.agent.connect(caller, reusing("ttcp_one"), none);
        REQUIRE(callers.has_value());
        CHECK(callers->proxy.name != own->proxy.name);
        CHECK(callers->proxy.name != of_work->proxy.name);
        CHECK(stage.controller.sessions().size() == 3);
    };
    tell(story);
}

TEST_CASE("agent: of many who come at once for the same target one starts the proxy") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.hold(":authorize-session");
        async::TaskGroup group(co_await boost::asio::this_coro::executor);
        std::vector<std::string> names;
        auto call = [](AgentStage& on, std::vector<std::string>& into) -> awaitable<void> {
            const auto connected = co_await on.connect(reusing("ttcp_one"));
            into.push_back(connected ? connected->proxy.name : connected.error().message);
        };
        for (int i = 0; i < 10; ++i) group.spawn(call(stage, names), "call");
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool waits = co_await until(asking);
        REQUIRE(waits);
        stage.controller.release();
        const auto all = [&] { return names.size() == 10; };
        const bool served = co_await until(all, 10s);
        CHECK(served);
        co_await group.stop();
        CHECK(stage.controller.sessions().size() == 1);
        for (const auto& name : names) CHECK(name == names.front());
    };
    tell(story);
}

TEST_CASE("agent: when the one who starts it fails the next of those who wait tries") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.answer(":authorize-session", 400, 0, 1);
        stage.controller.hold(":authorize-session");
        async::TaskGroup group(co_await boost::asio::this_coro::executor);
        int served = 0, failed = 0;
        auto call = [](AgentStage& on, int& good, int& bad) -> awaitable<void> {
            const auto connected = co_await on.connect(reusing("ttcp_one"));
            ++(connected ? good : bad);
        };
        for (int i = 0; i < 3; ++i) group.spawn(call(stage, served, failed), "call");
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool waits = co_await until(asking);
        REQUIRE(waits);
        stage.controller.release();
        const auto all = [&] { return served + failed == 3; };
        const bool done = co_await until(all, 10s);
        CHECK(done);
        co_await group.stop();
        CHECK(failed == 1);
        CHECK(served == 2);
        CHECK(stage.controller.sessions().size() == 1);
    };
    tell(story);
}

TEST_CASE("agent: a proxy that is kept needs a stored login and a target") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto options = words_for("ttcp_one", "pg");
        options.persistent = true;
        auto caller = stage.choice();
        caller.token = Secret("at_2_callers");
        NoProgress none;
        const auto with_token = co_await stage.agent.connect(std::move(caller), options, none);
        REQUIRE_FALSE(with_token.has_value());
        CHECK(with_token.error().code == Errc::invalid_argument);
        auto bare = options;
        bare.authorization_token = Secret(stage.controller.token("ttcp_one", 600s));
        const auto without_target = co_await stage.connect(std::move(bare));
        REQUIRE_FALSE(without_target.has_value());
        CHECK(without_target.error().code == Errc::invalid_argument);
        CHECK(stage.launcher.processes.empty());
        CHECK(stage.controller.count(":authorize-session") == 0);
    };
    tell(story);
}

TEST_CASE("agent: names, ports and tokens that cannot be are refused before anybody is asked") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("pg", "ttcp_one");
        const int asked = stage.controller.count("/v1/");
        const auto taken = co_await stage.connect(words_for("ttcp_two", "pg"));
        REQUIRE_FALSE(taken.has_value());
        CHECK(taken.error().code == Errc::proxy_exists);
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        const int later = stage.controller.count("/v1/");
        CHECK(later > asked);
        const auto remembered = co_await stage.connect(words_for("ttcp_two", "pg"));
        REQUIRE_FALSE(remembered.has_value());
        CHECK(remembered.error().code == Errc::proxy_exists);
        const auto no_name = co_await stage.connect(words_for("ttcp_two", "../pg"));
        REQUIRE_FALSE(no_name.has_value());
        CHECK(no_name.error().code == Errc::invalid_argument);
        const std::vector<std::int64_t> ports{-1, 65'536};
        for (const auto port : ports) {
            auto options = words_for("ttcp_two");
            options.listen_port = port;
            const auto no_port = co_await stage.connect(std::move(options));
            REQUIRE_FALSE(no_port.has_value());
            CHECK(no_port.error().code == Errc::invalid_argument);
        }
        auto expired = words_for("", "bare");
        expired.authorization_token = Secret(stage.controller.token("ttcp_one", -1s));
        const auto too_late = co_await stage.connect(std::move(expired));
        REQUIRE_FALSE(too_late.has_value());
        CHECK(too_late.error().hop == Hop::expiry);
        CHECK(stage.controller.count("/v1/") == later);
    };
    tell(story);
}

TEST_CASE("agent: what config.toml declares is forgotten there and nowhere else") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        ProxyDeclaration declaration;
        declaration.name = "pg";
        declaration.settings = stage.choice().settings;
        declaration.target.target = "ttcp_declared";
        std::vector<ProxyDeclaration> declared{declaration};
        const auto applied = co_await stage.agent.apply(std::move(declared));
        REQUIRE(applied.has_value());
        const auto running = co_await stage.agent.disconnect("pg", true);
        REQUIRE_FALSE(running.has_value());
        CHECK(running.error().code == Errc::invalid_argument);
        CHECK_FALSE(stage.newest()->stopped);
        const auto stopped = co_await stage.agent.disconnect("pg", false);
        REQUIRE(stopped.has_value());
        const auto again = co_await stage.agent.disconnect("pg", true);
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error().code == Errc::invalid_argument);
        CHECK(stage.store.proxies().value().size() == 1);
    };
    tell(story);
}
