// Agent-proxies that do not answer: killed, told of truly, and started again unless somebody wanted
// their end.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <utility>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Pings follow each other closely.
constexpr PingPace quick{.period = 20ms, .answer = 200ms};

bool told(AgentStage& stage, const std::string& proxy, const std::string& options) {
    const auto events = stage.store.events(proxy, 20).value();
    return std::ranges::any_of(
        events, [&](const auto& one) { return one.message.find(options) != std::string::npos; });
}

bool running(AgentStage& stage, const std::string& name) {
    return stage.agent.proxies().find(name) != nullptr;
}

} // namespace

TEST_CASE(
    "agent: disconnect kills a proxy that does not answer, says so, and cancels its session") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->frozen = true;
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK(done->killed);
        CHECK(done->session_canceled);
        CHECK(done->proxy.state == core::ProxyState::ended);
        CHECK(done->proxy.reason == "Disconnected; agent-proxy did not answer and was killed");
        CHECK(kept->killed);
        CHECK_FALSE(running(stage, "pg"));
        CHECK(stage.controller.status(stage.controller.sessions().front()) == "canceling");
        const auto revived = [&] { return stage.launcher.processes.size() > 1; };
        const bool another = co_await until(revived, 200ms);
        CHECK_FALSE(another);
    };
    tell(story);
}

TEST_CASE("agent: a proxy that answers its Stop, or that has gone, is not called killed") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK_FALSE(done->killed);
        CHECK_FALSE(kept->killed);
    };
    tell(story);
}

TEST_CASE("agent: where a proxy cannot be killed disconnect is an error, and it is no end until it "
          "has gone") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->frozen = kept->unkillable = true;
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Errc::proxy_failed);
        CHECK(done.error().hint == "kill -9 4711");
        CHECK(running(stage, "pg"));
        CHECK(stage.controller.status(stage.controller.sessions().front()) == "canceling");
        kept->die(); // as its person did
        const auto over = [&] { return !running(stage, "pg"); };
        const bool ended = co_await until(over);
        CHECK(ended);
        CHECK(stage.launcher.processes.size() == 1); // nobody wanted another
    };
    tell(story);
}

TEST_CASE("agent: a reload whose proxy cannot be ended is an error") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        std::vector<ProxyDeclaration> declared(1);
        declared[0].name = "pg";
        declared[0].settings = stage.choice().settings;
        declared[0].target.target = "ttcp_declared";
        const auto added = co_await stage.agent.apply(declared);
        REQUIRE(added.has_value());
        stage.newest()->frozen = stage.newest()->unkillable = true;
        const auto removed = co_await stage.agent.apply({});
        REQUIRE_FALSE(removed.has_value());
        CHECK(removed.error().message.find("proxy pg did not end") != std::string::npos);
        CHECK(running(stage, "pg"));
    };
    tell(story);
}

TEST_CASE("agent: a proxy that hangs is killed and started again with its port and its session") {
    for (const bool kept : {true, false}) {
        auto story = [kept](AgentStage& stage) -> awaitable<void> {
            co_await stage.log_in();
            auto options = words_for("ttcp_one", "pg");
            options.persistent = kept;
            const auto connected = co_await stage.connect(options);
            REQUIRE(connected.has_value());
            const auto first = stage.newest();
            first->frozen = true;
            const auto suspected = [&] {
                return stage.agent.proxies().find("pg")->unanswered == 1;
            };
            const bool seen = co_await until(suspected);
            CHECK(seen);
            CHECK(stage.agent.why("pg")->explanation == "agent-proxy, pid 4711, does not answer.");
            const auto again = [&] {
                return stage.launcher.processes.size() == 2 && stage.newest()->served;
            };
            const bool revived = co_await until(again);
            REQUIRE(revived);
            CHECK(first->killed);
            const auto ready = [&] {
                return stage.agent.proxies().find("pg")->status.state == core::ProxyState::ready;
            };
            const bool serves = co_await until(ready);
            CHECK(serves);
            CHECK(stage.newest()->status.port == connected->proxy.port);
            CHECK(stage.newest()->status.session_id == connected->proxy.session_id);
            CHECK(told(stage, "pg", "agent-proxy did not answer, was killed and is started again"));
            CHECK(stage.controller.sessions().size() == 1);
        };
        tell(story, {}, quick);
    }
}

TEST_CASE("agent: a proxy that answers is left alone, also after it was slow once, and asked no "
          "more often than needed") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto asked = [&] { return kept->pings >= 3; };
        const bool pinged = co_await until(asked);
        CHECK(pinged);
        kept->frozen = true;
        const auto proxy = stage.agent.proxies().find("pg");
        const auto suspected = [&] { return proxy->unanswered == 1; };
        const bool seen = co_await until(suspected);
        CHECK(seen);
        kept->frozen = false;
        const auto forgiven = [&] { return proxy->unanswered == 0; };
        const bool again = co_await until(forgiven);
        CHECK(again);
        CHECK_FALSE(kept->killed);
        CHECK(stage.launcher.processes.size() == 1);
    };
    tell(story, {}, quick);
}

TEST_CASE("agent: a proxy that says something by itself is not asked") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const int before = kept->pings;
        for (int i = 0; i < 100; ++i) {
            kept->tell(core::EventKind::connection_opened);
            co_await until([] { return false; }, 5ms);
        }
        CHECK(kept->pings - before <= 1); // of 100 and more periods
    };
    tell(story, {}, {.period = 2s, .answer = 20s});
}

TEST_CASE("agent: silence does not count while the machine slept or agentd itself stood still") {
    net::ClockReading asked;
    asked.wall = asked.boot = 1000s;
    asked.awake = 500s;
    const auto after = [&](std::chrono::seconds awake, std::chrono::seconds slept) {
        auto later = asked;
        later.awake += awake;
        later.boot += awake + slept;
        later.wall += awake + slept;
        return later;
    };
    CHECK(silence_counts(asked, after(20s, 0s), 20s));
    CHECK(silence_counts(asked, after(21s, 0s), 20s)); // a busy machine
    CHECK_FALSE(silence_counts(asked, after(20s, 3600s), 20s));
    CHECK_FALSE(
        silence_counts(asked, after(60s, 0s), 20s)); // stopped, and so may everybody have been
    auto clock_set = after(20s, 0s);
    clock_set.wall += 24h;
    CHECK(silence_counts(asked, clock_set, 20s));
}

TEST_CASE("agent: an older process that hangs is replaced all the same") {
    std::shared_ptr<ProxyObject> process;
    const auto prepare = [&](AgentStage& stage) {
        const auto record = stage.record("pg", "ttcp_one");
        REQUIRE(stage.store.put_proxy(record));
        process = stage.launcher.leave_running("pg", parse_json(record.cluster_settings).value());
        process->version = "0.0.1";
        process->frozen = true;
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto old = std::exchange(process, nullptr); // goes with the stage
        const auto replaced = [&] {
            return !stage.launcher.processes.empty() && stage.newest()->served;
        };
        const bool done = co_await until(replaced);
        REQUIRE(done);
        CHECK(old->killed);
        CHECK(stage.newest()->status.port == 40'002);
    };
    tell(story, prepare);
}

TEST_CASE("agent: logout ends a transient proxy that hangs, and starts a kept one again without "
          "its session") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto connected = co_await stage.connect(words_for("ttcp_two", "transient"));
        REQUIRE(connected.has_value());
        const auto transient = stage.newest();
        kept->frozen = transient->frozen = true;
        const auto out = co_await stage.agent.logout(stage.choice());
        REQUIRE(out.has_value());
        CHECK(out->sessions.size() == 2);
        const auto over = [&] {
            return !running(stage, "transient") && stage.launcher.processes.size() == 3;
        };
        const bool ended = co_await until(over);
        REQUIRE(ended);
        CHECK(transient->killed);
        CHECK(kept->killed);
        const auto served = [&] { return stage.newest()->served; };
        const bool again = co_await until(served);
        REQUIRE(again);
        CHECK(stage.newest()->spec.name == "pg");
        CHECK(stage.newest()->status.session_id.empty());
    };
    tell(story);
}

TEST_CASE("agent: reconnect finds out that a proxy hangs, and brings it back") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->frozen = true;
        const auto again = co_await stage.agent.reconnect("pg");
        INFO((again ? std::string() : again.error().message));
        REQUIRE(again.has_value());
        CHECK(kept->killed);
        CHECK(again->session_id == stage.controller.sessions().front());
        CHECK(stage.newest()->status.session_id == again->session_id);
    };
    tell(story, {}, {.period = 60s, .answer = 100ms});
}

TEST_CASE("agent: its own end kills nobody, whatever it waits for") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto connected = co_await stage.connect(words_for("ttcp_two", "transient"));
        REQUIRE(connected.has_value());
        const auto transient = stage.newest();
        kept->frozen = transient->frozen = true;
        const auto asked = [&] { return kept->pings > 0 && transient->pings > 0; };
        const bool pinged = co_await until(asked);
        REQUIRE(pinged);
        const auto out = co_await stage.agent.logout(stage.choice());
        REQUIRE(out.has_value());
        const auto told = [&] { return !transient->stops.empty(); };
        const bool stopping = co_await until(told);
        CHECK(stopping);
        co_await stage.agent.stop();
        CHECK_FALSE(kept->killed);
        CHECK_FALSE(transient->killed);
    };
    tell(story, {}, {.period = 10ms, .answer = 30s});
}

TEST_CASE("agent: a transient proxy that dies again and again is given up") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto connected = co_await stage.connect(words_for("ttcp_one", "pg"));
        REQUIRE(connected.has_value());
        for (std::size_t deaths = 1; deaths <= 5; ++deaths) {
            stage.newest()->die();
            const auto again = [&] {
                return stage.launcher.processes.size() == deaths + 1 && stage.newest()->served;
            };
            const bool revived = co_await until(again);
            REQUIRE(revived);
        }
        stage.newest()->die();
        const auto over = [&] { return !running(stage, "pg"); };
        const bool given_up = co_await until(over);
        CHECK(given_up);
        CHECK(stage.launcher.processes.size() == 6);
        CHECK(told(stage, "pg", "agent-proxy died"));
    };
    tell(story);
}
