// What `why` says stands in the way: by codes, whatever the sentences are, and never what is over.

#include "support/catch.hpp"
#include "unit/agent/agent_stage.hpp"

#include <algorithm>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

void fail_connection(ProxyObject& process, Errc code, Hop hop, std::string message) {
    auto& failure = process.status.last_failure;
    failure.code = code;
    failure.hop = hop;
    failure.message = std::move(message);
    failure.time = "2026-11-28T10:00:00Z";
    ++process.status.connections_failed;
    process.status.failing = true;
    process.tell(EventKind::connection_failed, failure.message);
}

std::optional<Hop> hop_now(AgentStage& stage) {
    return stage.agent.why("pg").value().hop;
}

int remembered(AgentStage& stage, EventKind kind) {
    const auto why = stage.agent.why("pg").value();
    return static_cast<int>(
        std::ranges::count(why.history, std::string(name_of(kind)), &Explanation::Past::kind));
}

} // namespace

TEST_CASE("why: a target that was down for a minute is history when connections work again") {
    tell([](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_1");
        fail_connection(*kept, Errc::endpoint_unreachable, Hop::target, "nobody is at home");
        const auto named = [&] { return hop_now(stage) == Hop::target; };
        const bool told = co_await until(named);
        REQUIRE(told);
        CHECK(stage.agent.why("pg").value().explanation ==
              "its newest failure: nobody is at home (2026-11-28T10:00:00Z)");
        fail_connection(*kept, Errc::endpoint_unreachable, Hop::target, "still nobody");

        kept->status.failing = false;
        kept->tell(EventKind::connection_recovered, "connections work again");
        const auto over = [&] { return !hop_now(stage); };
        const bool forgotten = co_await until(over);
        CHECK(forgotten);
        CHECK(stage.agent.why("pg").value().explanation.starts_with("Nothing stands in the way"));
        CHECK(remembered(stage, EventKind::connection_failed) == 1);
        CHECK(remembered(stage, EventKind::connection_recovered) == 1);
    });
}

TEST_CASE("why: the hop of a failure is its code's, whatever its sentence says") {
    tell([](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_1");
        fail_connection(*kept, Errc::session_over, Hop::limit,
                        "could not connect to the target: quota"); // a worker's own words
        const auto named = [&] { return hop_now(stage) == Hop::limit; };
        const bool told = co_await until(named);
        CHECK(told);
    });
}

TEST_CASE("why: a proxy whose session has ended says the hop of that end") {
    tell([](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_1");
        kept->status.session_id.clear();
        kept->status.state = ProxyState::idle;
        kept->status.set_reason(
            Reason(ReasonCode::connections_used_up, "all gone, expired or not"));
        kept->tell(EventKind::session_ended, "all gone, expired or not");
        const auto limit = [&] { return hop_now(stage) == Hop::limit; };
        const bool told = co_await until(limit);
        CHECK(told);
        CHECK(stage.agent.why("pg").value().reason_code == ReasonCode::connections_used_up);
    });
}

TEST_CASE("agent: a session that was given up for want of use is canceled by its code, not its "
          "sentence") {
    tell([](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_1");
        const auto session = kept->status.session_id;
        kept->status.session_id.clear();
        kept->status.state = ProxyState::idle;
        kept->status.set_reason(Reason(ReasonCode::inactive, "nobody came"));
        kept->tell(EventKind::session_ended, "nobody came");
        const auto canceled = [&] { return stage.controller.status(session) == "canceling"; };
        const bool settled = co_await until(canceled);
        CHECK(settled);
    });
}

TEST_CASE("agent: a proxy that waits for a person still does under the next agentd") {
    tell(
        [](AgentStage& stage) -> awaitable<void> {
            co_await stage.log_in();
            const auto adopted = stage.agent.proxies().find("pg");
            REQUIRE(adopted);
            CHECK(adopted->needs_person());
            CHECK(stage.controller.count(":authorize-session") == 0);
        },
        [](AgentStage& stage) {
            const auto process = stage.launcher.leave_running(
                "pg", controller::settings_to_json(stage.choice().settings));
            process->status.state = ProxyState::blocked;
            process->status.set_reason(
                Reason(ReasonCode::session_canceled, "reconnect it")); // not the usual sentence
        });
}

TEST_CASE("agent: what nobody can decide but a person is told by its code as well") {
    tell([](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_1");
        const auto session = kept->status.session_id;
        stage.controller.cancel(session);
        ClusterChoice choice = stage.choice();
        (void)co_await stage.agent.read(std::move(choice), "sessions", session);
        const auto told = [&] { return kept->status.state == ProxyState::blocked; };
        const bool blocked = co_await until(told);
        REQUIRE(blocked);
        CHECK(kept->status.reason_code == ReasonCode::session_canceled);
        CHECK(hop_now(stage) == Hop::controller);
    });
}
