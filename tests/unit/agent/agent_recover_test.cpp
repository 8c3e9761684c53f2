// What an agentd finds when it starts, and what a call leaves behind that went wrong: sessions that
// nobody holds are canceled, and no others.

#include "unit/agent/agent_stage.hpp"

#include "base/time.hpp"
#include "keyring/kernel.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <utility>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

using model::SessionHold;

std::size_t rows(AgentStage& stage, SessionHold state) {
    const auto all = stage.store.sessions().value();
    return static_cast<std::size_t>(std::ranges::count(all, state, &state::SessionRecord::state));
}

state::SessionRecord row_of(const AgentStage& stage, const std::string& id, SessionHold state) {
    state::SessionRecord row;
    row.id = id;
    row.proxy = "pg";
    row.cluster = stage.choice().settings.address;
    row.cluster_settings = dump_json(controller::settings_to_json(stage.choice().settings));
    row.target_id = "ttcp_lost";
    row.state = state;
    row.created = format_rfc3339(wall_now());
    return row;
}

/// With a login, and told to look at what is left behind.
awaitable<void> look_again(AgentStage& stage) {
    co_await stage.log_in();
    stage.agent.check_connections("the test says so");
}

} // namespace

TEST_CASE("agent: of the sessions that are written down those that nobody holds are canceled, "
          "those of running proxies and of callers are not") {
    std::string held, lent, left;
    std::shared_ptr<ProxyObject> process;
    const auto prepare = [&](AgentStage& stage) {
        held = stage.controller.make("ttcp_lost");
        lent = stage.controller.make("ttcp_lost");
        left = stage.controller.make("ttcp_lost");
        auto record = stage.record("pg", "ttcp_lost");
        REQUIRE(stage.store.put_proxy(record));
        process = stage.launcher.leave_running("pg", parse_json(record.cluster_settings).value());
        process->status.session_id = held;
        process->status.state = ProxyState::ready;
        REQUIRE(stage.store.put_session(row_of(stage, held, SessionHold::held)));
        REQUIRE(stage.store.put_session(row_of(stage, lent, SessionHold::lent)));
        REQUIRE(stage.store.put_session(row_of(stage, left, SessionHold::held)));
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto running = std::exchange(process, nullptr); // goes with the stage
        co_await look_again(stage);
        const auto canceled = [&] { return stage.controller.status(left) == "canceling"; };
        const bool over = co_await until(canceled);
        REQUIRE(over);
        const auto others = [&] {
            return stage.controller.status(held) != "pending" ||
                   stage.controller.status(lent) != "pending";
        };
        const bool too_much = co_await until(others, 200ms);
        CHECK_FALSE(too_much);
        CHECK(stage.controller.count(":cancel") == 1);
        CHECK(running->status.session_id == held);
        const auto gone = [&] { return stage.store.sessions().value().size() == 2; };
        const bool forgotten = co_await until(gone);
        CHECK(forgotten);
    };
    tell(story, prepare);
}

TEST_CASE("agent: a session that is left behind and cannot be canceled now is not forgotten") {
    std::string left;
    const auto prepare = [&](AgentStage& stage) {
        left = stage.controller.make("ttcp_lost");
        REQUIRE(stage.store.put_session(row_of(stage, left, SessionHold::canceling)));
        stage.controller.answer(":cancel", 503);
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await look_again(stage);
        const auto tried = [&] { return stage.controller.count(":cancel") > 0; };
        const bool asked = co_await until(tried);
        REQUIRE(asked);
        stage.controller.answer(":cancel", 0);
        CHECK(stage.store.sessions().value().size() == 1);
        stage.agent.check_connections("the test says so");
        const auto canceled = [&] { return stage.controller.status(left) == "canceling"; };
        const auto again = [&] {
            stage.agent.check_connections("the test says so");
            return canceled();
        };
        const bool over = co_await until(again);
        CHECK(over);
    };
    tell(story, prepare);
}

TEST_CASE("agent: what has expired, or is known no more, is forgotten without being asked for "
          "again") {
    const auto prepare = [&](AgentStage& stage) {
        auto expired = row_of(stage, "s_expired", SessionHold::held);
        expired.expiration = format_rfc3339(wall_now() - 1h);
        REQUIRE(stage.store.put_session(expired));
        REQUIRE(stage.store.put_session(row_of(stage, "s_unknown", SessionHold::held)));
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await look_again(stage);
        const auto gone = [&] { return stage.store.sessions().value().empty(); };
        const bool forgotten = co_await until(gone);
        CHECK(forgotten);
        CHECK(stage.controller.count("s_expired") == 0);
    };
    tell(story, prepare);
}

TEST_CASE("agent: of the pending sessions only one that can be the lost answer is canceled") {
    std::string lost, of_another, running, later, earlier, elsewhere;
    const auto prepare = [&](AgentStage& stage) {
        const auto asked_at = wall_now() - 10min;
        const auto made = [&](WallTime when, Json members = Json::object()) {
            const std::string id = stage.controller.make("ttcp_lost");
            members["created_time"] = format_rfc3339(when);
            stage.controller.describe(id, std::move(members));
            return id;
        };
        lost = made(asked_at + 1s);
        of_another = made(asked_at + 1s, Json{{"user_id", "u_2"}});
        running = made(asked_at + 1s, Json{{"status", "active"}});
        elsewhere = made(asked_at + 1s, Json{{"target_id", "ttcp_other"}});
        later = made(asked_at + 5min);
        earlier = made(asked_at - 1min);
        auto asked = row_of(stage, "asked:one", SessionHold::asked);
        asked.created = format_rfc3339(asked_at);
        REQUIRE(stage.store.put_session(asked));
    };
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await look_again(stage);
        const auto settled = [&] { return rows(stage, SessionHold::asked) == 0; };
        const bool done = co_await until(settled);
        REQUIRE(done);
        CHECK(stage.controller.status(lost) == "canceling");
        for (const auto& id : {of_another, running, elsewhere, later, earlier}) {
            INFO(id);
            CHECK(stage.controller.count(id + ":cancel") == 0);
        }
    };
    tell(story, prepare);
}

TEST_CASE("agent: a call that the controller refused leaves nothing to look for, one whose answer "
          "cannot be read does") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.answer(":authorize-session", 400);
        const auto refused = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().status == 400);
        CHECK(stage.store.sessions().value().empty());

        stage.controller.answer(":authorize-session", 0);
        stage.controller.garble(":authorize-session");
        const auto garbled = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(garbled.has_value());
        CHECK(garbled.error().code == Errc::controller_protocol);
        REQUIRE(stage.controller.sessions().size() == 1);
        CHECK(rows(stage, SessionHold::asked) == 1);
        stage.agent.check_connections("the test says so");
        const std::string made = stage.controller.sessions().front();
        const auto canceled = [&] { return stage.controller.status(made) == "canceling"; };
        const bool over = co_await until(canceled);
        CHECK(over);
    };
    tell(story);
}

TEST_CASE("agent: a session whose token cannot be read is canceled, and so is one for which no "
          "proxy could be started") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.amend_session(Json{{"authorization_token", "nonsense"}});
        const auto unreadable = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(unreadable.has_value());
        CHECK(unreadable.error().code == Errc::invalid_authorization);
        CHECK(stage.controller.status(stage.controller.sessions().back()) == "canceling");

        stage.launcher.failures = 1;
        const auto no_process = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(no_process.has_value());
        CHECK(no_process.error().code == Errc::proxy_failed);
        CHECK(stage.controller.status(stage.controller.sessions().back()) == "canceling");

        stage.launcher.refuse_serve = true;
        const auto no_port = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(no_port.has_value());
        CHECK(no_port.error().code == Errc::listen_failed);
        CHECK(stage.controller.status(stage.controller.sessions().back()) == "canceling");
        CHECK(stage.newest()->stopped); // no process is left behind either
        CHECK(stage.controller.sessions().size() == 3);
        CHECK(stage.store.sessions().value().empty());
    };
    tell(story);
}

TEST_CASE("agent: a session that could not be canceled when no proxy could be started is canceled "
          "later") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.answer(":cancel", 503);
        stage.launcher.failures = 1;
        const auto failed = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(failed.has_value());
        const std::string left = stage.controller.sessions().back();
        CHECK(failed.error().message.find(left) != std::string::npos); // a person can do it
        CHECK(stage.store.sessions().value().size() == 1);
        stage.controller.answer(":cancel", 0);
        const auto canceled = [&] {
            stage.agent.check_connections("the test says so");
            return stage.controller.status(left) == "canceling";
        };
        const bool over = co_await until(canceled);
        CHECK(over);
    };
    tell(story);
}

TEST_CASE("agent: a session that its controller has deleted meanwhile is over when its proxy is "
          "disconnected") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("pg", "ttcp_one");
        stage.controller.erase(stage.controller.sessions().front());
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK(done->session_canceled);
        CHECK(stage.store.sessions().value().empty());
    };
    tell(story);
}

TEST_CASE("agent: whose session is written down says whose login can cancel it") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto own = co_await stage.connect(words_for("ttcp_one", "own"));
        REQUIRE(own.has_value());
        auto choice = stage.choice();
        choice.token = Secret("at_2_other");
        NoProgress none;
        const auto callers =
            co_await stage.agent.connect(std::move(choice), words_for("ttcp_two", "callers"), none);
        REQUIRE(callers.has_value());
        auto options = words_for("", "bare");
        options.authorization_token = Secret(stage.controller.token("ttcp_three", 600s));
        const auto bare = co_await stage.connect(std::move(options));
        REQUIRE(bare.has_value());
        std::map<std::string, std::pair<SessionHold, std::string>> said;
        for (const auto& row : stage.store.sessions().value())
            said[row.target_id] = {row.state, row.token_name};
        using Row = std::pair<SessionHold, std::string>;
        CHECK(said["ttcp_one"] == Row(SessionHold::held, "default"));
        CHECK(said["ttcp_two"] == Row(SessionHold::held, "none"));
        CHECK(said.size() == 3);
        const auto rows = stage.store.sessions().value();
        CHECK(std::ranges::count(rows, SessionHold::lent, &state::SessionRecord::state) == 1);
    };
    tell(story);
}

TEST_CASE("agent: of a session that is over no key stays in the kernel's keyring") {
    keyring::KernelKeyring kernel(keyring::KernelKeyring::prefix_for("session"));
    if (!kernel.probe()) return; // this kernel keeps none
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        const keyring::Key key{stage.choice().settings.address, first};
        const auto kept = [&] { return kernel.load(key).value().has_value(); };
        CHECK(kept());
        const auto done = co_await stage.agent.disconnect("pg", false);
        REQUIRE(done.has_value());
        CHECK_FALSE(kept());
    };
    tell(story);
}
