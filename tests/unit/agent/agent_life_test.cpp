// What is known of a proxy over its life: its figures, the news of its session, its end, and what
// an agentd after this one goes on with.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <utility>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::size_t told(AgentStage& stage, EventKind kind, const std::string& proxy) {
    const auto events = stage.store.events(proxy, 50).value();
    return static_cast<std::size_t>(
        std::ranges::count(events, name_of(kind), &state::EventRecord::kind));
}

bool runs(AgentStage& stage, const std::string& name) {
    return stage.agent.proxies().find(name) != nullptr;
}

/// The agent has heard everything that was told.
awaitable<bool> heard(std::shared_ptr<ProxyObject> proxy) {
    const auto empty = [&] { return proxy->changes.empty(); };
    co_return co_await until(empty);
}

void carry(ProxyObject& proxy, std::int64_t connections, std::int64_t failures, std::int64_t up,
           std::int64_t down) {
    proxy.status.connections_total = connections;
    proxy.status.connections_failed = failures;
    proxy.status.bytes_up = up;
    proxy.status.bytes_down = down;
    proxy.tell(EventKind::proxy_changed);
}

} // namespace

TEST_CASE("agent: what a kept proxy carries is counted once, over all its processes") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto first = co_await stage.keep("pg", "ttcp_one");
        carry(*first, 3, 1, 100, 1000);
        const bool known = co_await heard(first);
        REQUIRE(known);
        first->die();
        const auto again = [&] { return stage.newest() != first && stage.newest()->served; };
        const bool started = co_await until(again);
        REQUIRE(started);
        const auto second = stage.newest();
        carry(*second, 2, 1, 10, 20);
        second->lose_session("Session has expired"); // is counted at that moment, too
        const bool known_too = co_await heard(second);
        REQUIRE(known_too);
        carry(*second, 4, 2, 30, 40);
        const bool the_rest = co_await heard(second);
        REQUIRE(the_rest);
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        const auto sum = stage.store.counters("pg").value();
        CHECK(sum.connections == 7);
        CHECK(sum.failures == 3);
        CHECK(sum.bytes_up == 130);
        CHECK(sum.bytes_down == 1040);
        CHECK(sum.sessions == 1);
    };
    tell(story);
}

TEST_CASE("agent: the end of a proxy is told once, whoever ended it") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("kept", "ttcp_one");
        const auto done = co_await stage.agent.disconnect("kept", false);
        REQUIRE(done.has_value());
        CHECK(told(stage, EventKind::proxy_ended, "kept") == 1);

        const auto transient = co_await stage.connect(words_for("ttcp_two", "transient"));
        REQUIRE(transient.has_value());
        const auto process = stage.newest();
        process->status.state = ProxyState::ended;
        process->status.set_reason(Reason(ReasonCode::session_expired));
        process->tell(EventKind::proxy_ended);
        process->changes.back().last = true;
        const auto over = [&] { return !runs(stage, "transient"); };
        const bool ended = co_await until(over);
        REQUIRE(ended);
        CHECK(told(stage, EventKind::proxy_ended, "transient") == 1);
        CHECK(stage.launcher.processes.size() == 2);      // nobody starts it again
        CHECK(stage.store.proxies().value().size() == 1); // the kept one is remembered
    };
    tell(story);
}

TEST_CASE("agent: news of an earlier session's end do not take the present one away") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string session = stage.controller.sessions().front();
        kept->tell(EventKind::session_ended, "Session has expired");
        kept->changes.back().session_id = "s_before";
        const bool known = co_await heard(kept);
        REQUIRE(known);
        REQUIRE(stage.store.sessions().value().size() == 1);
        CHECK(stage.store.sessions().value()[0].id == session);
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK(stage.controller.status(session) == "canceling");
    };
    tell(story);
}

TEST_CASE("agent: a session that expires, or is used up, by itself is not canceled") {
    const auto code = GENERATE(ReasonCode::session_expired, ReasonCode::connections_used_up);
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->lose_session(Reason(code).text, code);
        const auto forgotten = [&] { return stage.store.sessions().value().empty(); };
        const bool done = co_await until(forgotten);
        CHECK(done);
        CHECK(stage.controller.count(":cancel") == 0);
    };
    tell(story);
}

TEST_CASE("agent: a transient proxy ends when the controller knows its session no more") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto connected = co_await stage.connect(words_for("ttcp_one", "once"));
        REQUIRE(connected.has_value());
        const auto process = stage.newest();
        stage.controller.erase(stage.controller.sessions().front());
        process->tell(EventKind::connection_failed, "the worker does not know this session");
        const auto over = [&] { return !runs(stage, "once"); };
        const bool ended = co_await until(over);
        REQUIRE(ended);
        CHECK(process->stopped);
        const auto gone = [&] { return stage.store.sessions().value().empty(); };
        const bool forgotten = co_await until(gone);
        CHECK(forgotten);
    };
    tell(story);
}

TEST_CASE("agent: a transient proxy whose session lives goes on after a failed connection") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto connected = co_await stage.connect(words_for("ttcp_one", "once"));
        REQUIRE(connected.has_value());
        const std::string session = stage.controller.sessions().front();
        const int before = stage.controller.count("GET /v1/sessions/" + session);
        stage.newest()->tell(EventKind::connection_failed, "the target refuses");
        const auto asked = [&] {
            return stage.controller.count("GET /v1/sessions/" + session) > before;
        };
        const bool looked = co_await until(asked);
        CHECK(looked);
        const auto over = [&] { return !runs(stage, "once"); };
        const bool ended = co_await until(over, 200ms);
        CHECK_FALSE(ended);
    };
    tell(story);
}

TEST_CASE("agent: a proxy that may authorize again does so by itself after its session was "
          "canceled") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto options = words_for("ttcp_one", "pg");
        options.persistent = true;
        options.after_cancel = model::AfterCancel::reauthorize;
        const auto connected = co_await stage.connect(std::move(options));
        REQUIRE(connected.has_value());
        const auto kept = stage.newest();
        const std::string first = stage.controller.sessions().front();
        stage.controller.cancel(first);
        const auto read = co_await stage.agent.read(stage.choice(), "sessions", first);
        REQUIRE(read.has_value());
        kept->want();
        const auto served = [&] {
            return kept->status.state == ProxyState::ready && kept->status.session_id != first;
        };
        const bool ready = co_await until(served);
        CHECK(ready);
    };
    tell(story);
}

TEST_CASE("agent: a session that ended with an earlier login was canceled by nobody") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        co_await stage.log_in(1h, "at_2"); // another one, under the same name
        stage.controller.cancel(first);
        const auto read = co_await stage.agent.read(stage.choice(), "sessions", first);
        REQUIRE(read.has_value());
        kept->want();
        const auto served = [&] { return kept->status.state == ProxyState::ready; };
        const bool ready = co_await until(served, 10s);
        CHECK(ready);
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: an adopted proxy that nothing is remembered of is as shared as it was, and no "
          "more") {
    const bool shared = GENERATE(true, false);
    std::shared_ptr<ProxyObject> process;
    const auto prepare = [&](AgentStage& stage) {
        const auto record = stage.record("pg", "ttcp_one"); // state.db was lost
        process = stage.launcher.leave_running("pg", parse_json(record.cluster_settings).value());
        process->status.shared = shared;
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto running = std::exchange(process, nullptr); // goes with the stage
        running->die();
        const auto again = [&] {
            return !stage.launcher.processes.empty() && stage.newest()->served;
        };
        const bool started = co_await until(again);
        REQUIRE(started);
        CHECK(stage.newest()->spec.shared == shared);
        CHECK(stage.newest()->spec.listen_port == 40'002);
        CHECK(stage.newest()->spec.listen_address == "127.0.0.1");
        CHECK(stage.newest()->spec.persistent);
        CHECK(stage.newest()->spec.authorized_here);
    };
    tell(story, prepare);
}

TEST_CASE("agent: every setting of a kept proxy is the same after everything has died") {
    state::ProxyRecord written;
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto options = words_for("ttcp_one", "pg");
        options.target.host_id = "hst_1";
        options.persistent = true;
        options.listen_address = "127.0.0.2";
        options.listen_port = 40'123;
        options.shared = true;
        options.warm = false;
        options.keep_alive = 7s;
        options.eager = true;
        options.after_cancel = model::AfterCancel::reauthorize;
        options.inactive_timeout = 9min;
        options.inactive_from_start = true;
        const auto connected = co_await stage.connect(std::move(options));
        REQUIRE(connected.has_value());
        REQUIRE(stage.store.proxies().value().size() == 1);
        written = stage.store.proxies().value()[0];
    };
    tell(story);
    CHECK(written.listen_address == "127.0.0.2");
    CHECK(written.listen_port == 40'123);
    CHECK(written.host_id == "hst_1");
    CHECK(written.after_cancel == model::AfterCancel::reauthorize);
    CHECK_FALSE(written.warm);

    const auto prepare = [&](AgentStage& stage) {
        auto record = written;
        record.cluster = stage.choice().settings.address;
        record.cluster_settings = dump_json(controller::settings_to_json(stage.choice().settings));
        REQUIRE(stage.store.put_proxy(record));
    };
    auto next_agent = [&](AgentStage& stage) -> awaitable<void> {
        const auto up = [&] { return runs(stage, "pg"); };
        const bool came = co_await until(up);
        REQUIRE(came);
        const ProxySpec& spec = stage.newest()->spec;
        CHECK(spec.listen_address == "127.0.0.2");
        CHECK(spec.listen_port == 40'123);
        CHECK(spec.shared);
        CHECK_FALSE(spec.warm);
        CHECK(spec.keep_alive == 7s);
        CHECK(spec.eager);
        CHECK(spec.persistent);
        CHECK(spec.inactive_timeout == 9min);
        CHECK(spec.inactive_from_start);
        CHECK(spec.target == "ttcp_one");
        CHECK(spec.wait_for_port);
    };
    tell(next_agent, prepare);
}
