// Sessions that nobody may lose: asked for in vain, answered strangely, canceled by somebody.

#include "unit/agent/agent_stage.hpp"

#include "base/time.hpp"
#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::size_t rows(AgentStage& stage, const std::string& state) {
    const auto all = stage.store.sessions().value();
    return static_cast<std::size_t>(std::ranges::count(
        all, model::from_name<model::SessionHold>(state), &state::SessionRecord::state));
}

state::SessionRecord asked_row(const AgentStage& stage, const std::string& id,
                               const std::string& proxy) {
    state::SessionRecord row;
    row.id = "asked:" + id;
    row.proxy = proxy;
    row.cluster = stage.choice().settings.address;
    row.cluster_settings = dump_json(controller::settings_to_json(stage.choice().settings));
    row.target_id = "ttcp_lost";
    row.state = model::SessionHold::asked;
    row.created = format_rfc3339(wall_now());
    return row;
}

} // namespace

TEST_CASE("agent: what never left this machine is not looked for later") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto choice = stage.choice();
        choice.settings =
            controller::settings_for("http://127.0.0.1:" + std::to_string(refusing_port())).value();
        choice.token = Secret("at_2_other");
        NoProgress none;
        const auto connected =
            co_await stage.agent.connect(std::move(choice), words_for("ttcp_one"), none);
        REQUIRE_FALSE(connected.has_value());
        CHECK(connected.error().code == Errc::controller_unreachable);
        CHECK(rows(stage, "asked") == 0);
    };
    tell(story);
}

TEST_CASE("agent: an answer that was lost on its way is looked for, with one question for all that "
          "were") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto given =
            co_await stage.agent.authorize_session(stage.choice(), words_for("ttcp_lost").target);
        REQUIRE(given.has_value());
        const std::string ours = stage.controller.sessions().back();
        const std::string lost = stage.controller.make("ttcp_lost");
        const std::string elsewhere = stage.controller.make("ttcp_other");
        for (const char* id : {"one", "two", "three"})
            REQUIRE(stage.store.put_session(asked_row(stage, id, "pg")));
        kept->lose_session("Session has expired");
        kept->want();
        const auto served = [&] { return kept->status.state == core::ProxyState::ready; };
        const bool ready = co_await until(served);
        REQUIRE(ready);
        CHECK(stage.controller.count("GET /v1/sessions?") == 1);
        CHECK(rows(stage, "asked") == 0);
        CHECK(stage.controller.status(lost) == "canceling");
        CHECK(stage.controller.status(elsewhere) == "pending");
        CHECK(stage.controller.status(ours) == "pending"); // its token was handed to a caller
    };
    tell(story);
}

TEST_CASE("agent: a session that is being answered is not taken for a lost one") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        REQUIRE(stage.store.put_session(asked_row(stage, "one", "pg")));
        stage.controller.hold("ttcp_lost:authorize-session");
        async::TaskGroup group(co_await boost::asio::this_coro::executor);
        bool answered = false;
        auto call = [](AgentStage& on, bool& done) -> awaitable<void> {
            auto authorized =
                co_await on.agent.authorize_session(on.choice(), words_for("ttcp_lost").target);
            done = authorized.has_value();
        };
        group.spawn(call(stage, answered), "call");
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool waits = co_await until(asking);
        REQUIRE(waits);
        kept->lose_session("Session has expired");
        kept->want();
        const auto served = [&] { return kept->status.state == core::ProxyState::ready; };
        const bool ready = co_await until(served);
        CHECK(ready);
        CHECK(rows(stage, "asked") == 1); // later, when nobody asks
        stage.controller.release();
        co_await group.drain();
        CHECK(answered);
        CHECK(stage.controller.status(stage.controller.sessions().back()) == "pending");
    };
    tell(story);
}

TEST_CASE("agent: an answer without a session id is an error, and leaves nothing that looks like a "
          "session") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.forget_session_id();
        const auto connected = co_await stage.connect(words_for("ttcp_one"));
        REQUIRE_FALSE(connected.has_value());
        CHECK(connected.error().code == Errc::controller_protocol);
        CHECK(rows(stage, "held") == 0);
        CHECK(rows(stage, "asked") ==
              1); // what the controller made is found among our pending ones
    };
    tell(story);
}

TEST_CASE("agent: after somebody canceled its session a kept proxy waits for a person") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        stage.controller.cancel(first);
        const auto read = co_await stage.agent.read(stage.choice(), "sessions", first);
        REQUIRE(read.has_value());
        kept->want();
        const auto told = [&] { return kept->status.state == core::ProxyState::blocked; };
        const bool blocked = co_await until(told);
        REQUIRE(blocked);
        CHECK(stage.controller.sessions().size() == 1);

        const auto reconnected = co_await stage.agent.reconnect("pg");
        REQUIRE(reconnected.has_value());
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: a session that is given up for want of use is canceled, and the next client gets "
          "another") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        stage.controller.hold(":cancel");
        kept->lose_session("Inactivity", core::ReasonCode::inactive);
        const auto canceling = [&] { return stage.controller.held() == 1; };
        const bool begun = co_await until(canceling);
        REQUIRE(begun);
        kept->want(); // while the old one is being given up
        const auto looked = [&] { return stage.controller.count("GET /v1/sessions/" + first) > 1; };
        const bool taken_for_canceled = co_await until(looked, 300ms); // nobody needs to: it was us
        CHECK_FALSE(taken_for_canceled);
        stage.controller.release();
        const auto served = [&] {
            return kept->status.state == core::ProxyState::ready &&
                   kept->status.session_id != first;
        };
        const bool ready = co_await until(served);
        CHECK(ready);
        CHECK(stage.controller.status(first) == "canceling");
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: at its end no call waits for a controller that does not answer") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.hold(":authorize-session");
        async::TaskGroup group(co_await boost::asio::this_coro::executor);
        std::optional<Error> told;
        auto call = [](AgentStage& on, std::optional<Error>& error) -> awaitable<void> {
            auto choice = on.choice();
            choice.settings.timeout = 120s;
            NoProgress none;
            const auto connected =
                co_await on.agent.connect(std::move(choice), words_for("ttcp_one"), none);
            if (!connected) error = connected.error();
        };
        group.spawn(call(stage, told), "call");
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool waits = co_await until(asking);
        REQUIRE(waits);
        stage.agent.controllers().leave();
        co_await group.drain();
        REQUIRE(told.has_value());
        CHECK(told->code == Errc::canceled);
        CHECK(rows(stage, "asked") == 1); // the next agentd looks for it
    };
    tell(story);
}

TEST_CASE("agent: where a person has to decide no client gets a session by asking again") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        stage.controller.cancel(first);
        const auto read = co_await stage.agent.read(stage.choice(), "sessions", first);
        REQUIRE(read.has_value());
        const auto told = [&] { return kept->status.state == core::ProxyState::blocked; };
        const bool blocked = co_await until(told);
        REQUIRE(blocked);
        kept->waits.clear();
        kept->want(); // was on its way while the others were turned away
        const auto answered = [&] {
            return !kept->waits.empty() && !stage.agent.proxies().find("pg")->providing();
        };
        const bool done = co_await until(answered);
        REQUIRE(done);
        CHECK(kept->waits == std::vector<std::string>{"person"});
        CHECK(stage.controller.sessions().size() == 1);
    };
    tell(story);
}

TEST_CASE("agent: a session that its proxy does not take is canceled at the controller") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->refuses_renew = true;
        kept->lose_session("Session has expired");
        kept->want();
        const auto asked = [&] { return stage.controller.sessions().size() == 2; };
        const bool second = co_await until(asked);
        REQUIRE(second);
        const std::string refused = stage.controller.sessions()[1];
        const auto canceled = [&] { return stage.controller.status(refused) == "canceling"; };
        const bool over = co_await until(canceled);
        CHECK(over);
        kept->refuses_renew = false;
        const auto served = [&] { return kept->status.state == core::ProxyState::ready; };
        const bool ready = co_await until(served);
        CHECK(ready);
        CHECK(kept->status.session_id != refused);
    };
    tell(story);
}

TEST_CASE("agent: late news of a session that a proxy had before leave its present one alone") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const std::string first = stage.controller.sessions().front();
        stage.controller.answer("GET /v1/sessions/" + first, 404);
        stage.controller.hold("GET /v1/sessions/" + first);
        kept->tell(core::EventKind::connection_failed); // the controller is asked what became of it
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool waits = co_await until(asking);
        REQUIRE(waits);
        kept->lose_session("Session has expired");
        kept->want();
        const auto served = [&] { return kept->status.state == core::ProxyState::ready; };
        const bool ready = co_await until(served);
        REQUIRE(ready);
        const std::string second = stage.controller.sessions().back();
        REQUIRE(second != first);
        stage.controller.release();
        const auto proxy = stage.agent.proxies().find("pg");
        const auto judged = [&] { return !proxy->checking(); };
        const bool done = co_await until(judged);
        REQUIRE(done);
        CHECK(proxy->held_session == second);
        CHECK(kept->status.session_id == second);
        CHECK(stage.controller.sessions().size() == 2);
    };
    tell(story);
}

TEST_CASE("agent: a login that may not even read itself is dead, and its proxy waits for another") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        stage.controller.answer("/v1/", 403);
        kept->lose_session("Session has expired");
        kept->want();
        const auto decided = [&] {
            return kept->status.state == core::ProxyState::waiting_login ||
                   kept->status.state == core::ProxyState::blocked;
        };
        const bool done = co_await until(decided);
        REQUIRE(done);
        CHECK(kept->status.state == core::ProxyState::waiting_login);
    };
    tell(story);
}

TEST_CASE("agent: a login that lives for no longer than a warning's time says nothing at once") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        const auto warned = [&] {
            const auto events = stage.store.events("", 20).value();
            return std::ranges::any_of(events, [](const auto& one) {
                return one.kind == name_of(model::EventKind::expiry_near);
            });
        };
        co_await stage.log_in(15min); // as long as the first warning is before the end
        const auto connected = co_await stage.connect(words_for("ttcp_one")); // lets it look
        REQUIRE(connected.has_value());
        const bool told = co_await until(warned, 300ms);
        CHECK_FALSE(told);
    };
    tell(story);
}
