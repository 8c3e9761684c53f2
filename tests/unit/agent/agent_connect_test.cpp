// What a person asks of the agent, and what may happen meanwhile: connect, disconnect, reconnect,
// logout, a reload.

#include "unit/agent/agent_stage.hpp"

#include "agent/this_boot.hpp"
#include "support/catch.hpp"

#include <utility>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::optional<state::ProxyRecord> record_of(AgentStage& stage, const std::string& name) {
    for (const auto& record : stage.store.proxies().value())
        if (record.name == name) return record;
    return std::nullopt;
}

ProxyDeclaration declaration_of(const AgentStage& stage, const std::string& name) {
    ProxyDeclaration declaration;
    declaration.name = name;
    declaration.settings = stage.choice().settings;
    declaration.target.target = "ttcp_declared";
    return declaration;
}

} // namespace

TEST_CASE("agent: a caller's token is never led to a proxy that happens to have no session") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->lose_session("Session has expired");
        const auto idle = [&] {
            return stage.agent.proxies().find("pg")->status.session_id.empty();
        };
        const bool waits = co_await until(idle);
        REQUIRE(waits);

        auto choice = stage.choice();
        choice.token = Secret("at_2_other");
        auto options = words_for("ttcp_two");
        options.reuse = true;
        NoProgress none;
        const auto connected =
            co_await stage.agent.connect(std::move(choice), std::move(options), none);
        REQUIRE(connected.has_value());
        CHECK(connected->proxy.name != "pg");
        CHECK(connected->proxy.target_id == "ttcp_two");
    };
    tell(story);
}

TEST_CASE("agent: a name as long as names may be gets a number when it is remembered") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const std::string target(60, 'a');
        auto options = words_for(target);
        options.persistent = true;
        const auto first = co_await stage.connect(options);
        REQUIRE(first.has_value());
        const auto ended = co_await stage.agent.disconnect(first->proxy.name, false);
        REQUIRE(ended.has_value());
        const auto second = co_await stage.connect(words_for(target));
        REQUIRE(second.has_value());
        CHECK(second->proxy.name == first->proxy.name + "-2");
    };
    tell(story);
}

TEST_CASE(
    "agent: logging out with a caller's token leaves the stored login and its sessions alone") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        auto choice = stage.choice();
        choice.token = Secret("at_2_other");
        const auto out = co_await stage.agent.logout(std::move(choice));
        REQUIRE(out.has_value());
        CHECK(out->sessions.empty());
        CHECK(stage.store.sessions().value().size() == 1);
        CHECK(stage.agent.proxies().find("pg")->held_session ==
              stage.controller.sessions().front());
        CHECK(stage.logins.list().size() == 1);

        const auto own = co_await stage.agent.logout(stage.choice());
        REQUIRE(own.has_value());
        CHECK(own->sessions.size() == 1);
        CHECK(stage.store.sessions().value().empty());
    };
    tell(story);
}

TEST_CASE("agent: disconnect says that the session of a kept proxy is canceled, also when no "
          "worker did it") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("pg", "ttcp_one");
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK(done->session_canceled);
        CHECK(stage.controller.status(stage.controller.sessions().front()) == "canceling");
        CHECK(stage.controller.count(":cancel") == 1);
    };
    tell(story);
}

TEST_CASE(
    "agent: what disconnect and forget mean is written down before the proxy is told to end") {
    for (const bool forget : {false, true}) {
        auto story = [forget](AgentStage& stage) -> awaitable<void> {
            co_await stage.log_in();
            const auto kept = co_await stage.keep("pg", "ttcp_one");
            kept->frozen = true; // whatever comes now, a killed agentd for example
            async::TaskGroup group(co_await boost::asio::this_coro::executor);
            auto call = [](AgentStage& on, bool forgotten) -> awaitable<void> {
                (void)co_await on.agent.disconnect("pg", forgotten);
            };
            group.spawn(call(stage, forget), "call");
            const auto told = [&] { return !kept->stops.empty(); };
            const bool ending = co_await until(told);
            REQUIRE(ending);
            const auto record = record_of(stage, "pg");
            CHECK((record && record->stopped == (forget ? std::string("forgotten") : this_boot())));
            co_await group.drain();
            CHECK(record_of(stage, "pg").has_value() == !forget);
        };
        tell(story);
    }
}

TEST_CASE("agent: the session of a bare token is canceled at the end only where it would live on "
          "for long") {
    for (const auto lifetime : {600s, 60s}) {
        auto story = [lifetime](AgentStage& stage) -> awaitable<void> {
            const auto token = stage.controller.token("ttcp_one", lifetime);
            auto options = words_for("", "bare");
            options.authorization_token = Secret(token);
            const auto connected = co_await stage.connect(options);
            INFO((connected ? std::string() : connected.error().message));
            REQUIRE(connected.has_value());
            const auto done = co_await stage.agent.disconnect("bare", false);
            REQUIRE(done.has_value());
            CHECK(stage.newest()->stops == std::vector<bool>{lifetime == 600s});
        };
        tell(story);
    }
}

TEST_CASE("agent: a session that could not be canceled at its proxy's end is not taken up again") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        stage.controller.answer(":cancel", 503);
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK_FALSE(done->session_canceled);
        const auto rows = stage.store.sessions().value();
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].id == first);
        CHECK(rows[0].state == model::SessionHold::canceling);
        const auto again = co_await stage.agent.reconnect("pg");
        REQUIRE(again.has_value());
        CHECK(again->session_id != first);
    };
    tell(story);
}

TEST_CASE(
    "agent: a declared proxy that somebody disconnected stays so when config.toml changes it") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        std::vector<ProxyDeclaration> declared{declaration_of(stage, "pg")};
        const auto added = co_await stage.agent.apply(declared);
        REQUIRE(added.has_value());
        const auto stopped = co_await stage.agent.disconnect("pg", false);
        REQUIRE(stopped.has_value());
        declared[0].target.target = "ttcp_other";
        const auto changed = co_await stage.agent.apply(declared);
        REQUIRE(changed.has_value());
        CHECK(changed->changed == std::vector<std::string>{"pg"});
        CHECK(stage.agent.proxies().find("pg") == nullptr);
        CHECK(stage.launcher.processes.size() == 1);
        const auto record = record_of(stage, "pg");
        REQUIRE(record.has_value());
        CHECK(record->target == "ttcp_other");
        CHECK(record->stopped == this_boot());
    };
    tell(story);
}

TEST_CASE("agent: reconnect waits for news instead of repeating what stood in the way before") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer(":authorize-session", 503);
        kept->lose_session("Session has expired");
        kept->want();
        const auto stuck = [&] {
            return stage.agent.proxies().find("pg")->status.state == ProxyState::waiting_network;
        };
        const bool waits = co_await until(stuck);
        REQUIRE(waits);

        stage.controller.answer(":authorize-session", 0);
        const auto reconnected = co_await stage.agent.reconnect("pg");
        INFO((reconnected ? std::string() : reconnected.error().message));
        REQUIRE(reconnected.has_value());
        CHECK(reconnected->session_id == stage.controller.sessions().back());
    };
    tell(story);
}

TEST_CASE("agent: what config.toml declares under the name of a running proxy is remembered") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto transient = co_await stage.connect(words_for("ttcp_one", "pg"));
        REQUIRE(transient.has_value());
        std::vector<ProxyDeclaration> declared{declaration_of(stage, "pg")};
        const auto applied = co_await stage.agent.apply(declared);
        REQUIRE(applied.has_value());
        CHECK(applied->changed == std::vector<std::string>{"pg"});
        CHECK(stage.launcher.processes.front()->stopped);
        const auto record = record_of(stage, "pg");
        REQUIRE(record.has_value());
        CHECK(record->source == model::ProxySource::config);
        CHECK(record->port == stage.agent.proxies().find("pg")->status.port);
        // The session of the one before led elsewhere.
        CHECK(stage.newest()->status.session_id.empty());
        const std::string first = stage.controller.sessions().front();
        const auto canceled = [&] { return stage.controller.status(first) == "canceling"; };
        const bool over = co_await until(canceled);
        CHECK(over);
        const auto again = co_await stage.agent.apply(declared);
        REQUIRE(again.has_value());
        CHECK(again->added.empty());
        CHECK(again->changed.empty());
    };
    tell(story);
}

TEST_CASE("agent: a kept proxy whose process cannot be started with agentd comes up later") {
    const auto prepare = [](AgentStage& stage) {
        auto record = stage.record("pg", "ttcp_one");
        record.port = 40'001;
        REQUIRE(stage.store.put_proxy(record));
        stage.launcher.failures = 1;
    };
    auto story = [](AgentStage& stage) -> awaitable<void> {
        const auto up = [&] { return stage.agent.proxies().find("pg") != nullptr; };
        const bool came = co_await until(up);
        REQUIRE(came);
        CHECK(stage.launcher.failures == 0);
        CHECK(stage.newest()->spec.listen_port == 40'001);
    };
    tell(story, prepare);
}

TEST_CASE("agent: what was disconnected before agentd was killed is ended by the next one") {
    for (const bool forgotten : {false, true}) {
        std::shared_ptr<ProxyObject> process;
        const auto prepare = [&](AgentStage& stage) {
            auto record = stage.record("pg", "ttcp_one");
            record.stopped = forgotten ? std::string("forgotten") : this_boot();
            REQUIRE(stage.store.put_proxy(record));
            process =
                stage.launcher.leave_running("pg", parse_json(record.cluster_settings).value());
        };
        auto story = [&](AgentStage& stage) -> awaitable<void> {
            const auto running = std::exchange(process, nullptr); // goes with the stage
            const auto over = [&] { return stage.agent.proxies().find("pg") == nullptr; };
            const bool ended = co_await until(over);
            REQUIRE(ended);
            CHECK(running->stopped);
            CHECK(record_of(stage, "pg").has_value() == !forgotten);
        };
        tell(story, prepare);
    }
}

TEST_CASE("agent: an adopted proxy that nobody disconnected goes on") {
    std::shared_ptr<ProxyObject> process;
    const auto prepare = [&](AgentStage& stage) {
        const auto record = stage.record("pg", "ttcp_one");
        REQUIRE(stage.store.put_proxy(record));
        process = stage.launcher.leave_running("pg", parse_json(record.cluster_settings).value());
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto running = std::exchange(process, nullptr); // goes with the stage
        co_await stage.log_in();
        running->want();
        const auto served = [&] { return running->status.state == ProxyState::ready; };
        const bool ready = co_await until(served);
        CHECK(ready);
        CHECK_FALSE(running->stopped);
    };
    tell(story, prepare);
}

TEST_CASE("agent: an adopted proxy that nothing is remembered of keeps its settings when its "
          "process dies") {
    std::shared_ptr<ProxyObject> process;
    const auto prepare = [&](AgentStage& stage) {
        const auto record = stage.record("pg", "ttcp_one"); // state.db was lost
        process = stage.launcher.leave_running("pg", parse_json(record.cluster_settings).value());
        process->spec.warm = false;
        process->spec.keep_alive = std::chrono::minutes(5);
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto running = std::exchange(process, nullptr); // goes with the stage
        running->die();
        const auto again = [&] {
            return !stage.launcher.processes.empty() && stage.newest()->served;
        };
        const bool started = co_await until(again);
        REQUIRE(started);
        CHECK_FALSE(stage.newest()->spec.warm);
        CHECK(stage.newest()->spec.keep_alive == std::chrono::minutes(5));
    };
    tell(story, prepare);
}

TEST_CASE(
    "agent: a proxy that counts inactivity from its start does so again after everything died") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto options = words_for("ttcp_one", "once");
        options.inactive_timeout = std::chrono::minutes(1);
        options.inactive_from_start = true;
        options.persistent = true;
        const auto connected = co_await stage.connect(std::move(options));
        REQUIRE(connected.has_value());
        const auto record = record_of(stage, "once");
        REQUIRE(record.has_value());
        CHECK(record->inactive_from_start);
    };
    tell(story);

    const auto prepare = [](AgentStage& stage) {
        auto record = stage.record("once", "ttcp_one");
        record.inactive_timeout = 60s;
        record.inactive_from_start = true;
        REQUIRE(stage.store.put_proxy(record));
    };
    auto next_agent = [](AgentStage& stage) -> awaitable<void> {
        const auto up = [&] { return stage.agent.proxies().find("once") != nullptr; };
        const bool came = co_await until(up);
        REQUIRE(came);
        CHECK(stage.newest()->spec.inactive_from_start);
    };
    tell(next_agent, prepare);
}
