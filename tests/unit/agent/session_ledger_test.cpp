// No session is left behind: what the ledger has written down at each moment, and what it cancels.
// What happens to proxies meanwhile is in agent_session_test.cpp.

#include "agent/session/session_ledger.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "base/time.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/agent/agent_stage.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// A ledger without an agent; the test says which sessions proxies carry.
struct Kept {
    explicit Kept(boost::asio::io_context& context)
        : logins(context.get_executor(), one_keyring()),
          controllers(context.get_executor(), logins, clusters), events(context.get_executor()),
          calls(controllers, events, [this](const Json& session) { seen.push_back(session); }),
          ledger(
              context.get_executor(), controllers, calls, logins, store,
              [this](const std::string& id) { return carried.contains(id); },
              "agentd-ledger-test-" + std::to_string(::getpid()) + ":"),
          tasks(context.get_executor()) {
        choice.settings = controller::settings_for(front.address()).value();
        choice.settings.timeout = 20s;
    }
    void log_in() {
        Secret login(R"({"id": "at_1", "token": "at_1_secret", "user_id": "u_1"})");
        logins.borrow(keyring::Key{choice.settings.address, "default"}, std::move(login),
                      std::nullopt, "pass");
    }
    TargetOptions target(std::string id = "ttcp_one") const {
        TargetOptions options;
        options.target = std::move(id);
        return options;
    }
    std::vector<state::SessionRecord> rows() { return store.sessions().value(); }
    std::string state_of(const std::string& id) {
        for (const auto& row : rows())
            if (row.id == id) return std::string(model::name_of(row.state));
        return "none";
    }
    /// A whole round of what nobody holds: it is over when another lost session has been canceled
    /// and, in the round after that, one more.
    awaitable<void> look_around() {
        co_await cancel_one_more();
        co_await cancel_one_more();
    }
    awaitable<void> cancel_one_more() {
        state::SessionRecord row;
        row.id = front.make("ttcp_lost");
        row.cluster = choice.settings.address;
        row.cluster_settings = dump_json(controller::settings_to_json(choice.settings));
        row.state = model::SessionHold::canceling;
        REQUIRE(store.put_session(row).has_value());
        if (tasks.size() == 0) tasks.spawn(ledger.run(), "ledger");
        auto settled = [&] {
            ledger.look_again();
            return state_of(row.id) == "none";
        };
        const bool done = co_await until(settled);
        REQUIRE(done);
    }

    DirectedController front;
    state::StateStore store{":memory:"};
    keyring::Logins logins;
    Clusters clusters{store};
    Controllers controllers;
    EventHub events;
    std::vector<Json> seen;
    SessionCalls calls;
    std::set<std::string> carried;
    SessionLedger ledger;
    async::TaskGroup tasks;
    ClusterChoice choice;
};

using KeptStory = std::function<awaitable<void>(Kept&)>;
void keep(KeptStory story) {
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Kept kept(context);
        kept.logins.start();
        kept.log_in();
        co_await story(kept);
        kept.front.release();
        co_await kept.tasks.stop();
        co_await kept.logins.stop();
    });
}

} // namespace

TEST_CASE(
    "ledger: a row stands before the controller answers, and its answer makes it a session's") {
    keep([](Kept& stage) -> awaitable<void> {
        stage.front.hold("authorize-session");
        std::optional<Result<Authorized>> session;
        auto ask = [](Kept& all, std::optional<Result<Authorized>>& got) -> awaitable<void> {
            got = co_await all.ledger.authorize(all.choice, all.target(), "pg");
        };
        stage.tasks.spawn(ask(stage, session), "ask");
        auto arrived = [&] { return stage.front.held() == 1; };
        const bool asked = co_await until(arrived);
        REQUIRE(asked);
        REQUIRE(stage.rows().size() == 1);
        CHECK(stage.rows()[0].id.starts_with("asked:"));
        CHECK(stage.rows()[0].state == model::SessionHold::asked);
        CHECK(stage.rows()[0].proxy == "pg");
        stage.front.release();
        co_await stage.tasks.drain();
        REQUIRE((session && *session));
        REQUIRE(stage.rows().size() == 1);
        CHECK(stage.rows()[0].id == (*session)->session_id);
        CHECK(stage.rows()[0].state == model::SessionHold::held);
        const auto secrets =
            stage.ledger.secrets(stage.choice.settings.address, (*session)->session_id);
        REQUIRE(secrets.has_value());
        CHECK(secrets->authorization_token == (*session)->token);
        CHECK(secrets->tofu_token == (*session)->tofu_token);
        // The key itself stands in no file.
        CHECK(stage.rows()[0].authorization != std::string((*session)->token.reveal()));
    });
}

TEST_CASE("ledger: a session is let be while it is on its way, carried or claimed, and canceled "
          "once nobody has it") {
    keep([](Kept& stage) -> awaitable<void> {
        const auto session = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        REQUIRE(session.has_value());
        const std::string id = session->session_id;
        co_await stage.look_around();
        CHECK(stage.front.status(id) == "pending"); // on its way
        stage.carried.insert(id);
        stage.ledger.arrived(id);
        co_await stage.look_around();
        CHECK(stage.front.status(id) == "pending"); // carried
        {
            const auto claim = stage.ledger.claim(id);
            stage.carried.clear();
            co_await stage.look_around();
            CHECK(stage.front.status(id) == "pending"); // claimed
        }
        co_await stage.look_around();
        CHECK(stage.front.status(id) == "canceling");
        CHECK(stage.state_of(id) == "none");
        CHECK_FALSE(stage.ledger.secrets(stage.choice.settings.address, id).has_value());
    });
}

TEST_CASE(
    "ledger: a session that came to no proxy is canceled at once; where that fails, the error "
    "says so and it is tried again") {
    keep([](Kept& stage) -> awaitable<void> {
        const auto first = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        const Error why = fail(Errc::proxy_failed, Hop::local, "no process today");
        const Error quiet = co_await stage.ledger.abandon(stage.choice, first->session_id, why);
        CHECK(quiet.message == "no process today");
        CHECK(stage.front.status(first->session_id) == "canceling");
        CHECK(stage.rows().empty());

        const auto second = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        stage.front.answer(":cancel", 503);
        const Error loud = co_await stage.ledger.abandon(stage.choice, second->session_id, why);
        CHECK(loud.message.starts_with("no process today; its session " + second->session_id +
                                       " could not be canceled: "));
        CHECK(stage.state_of(second->session_id) == "held");
        stage.front.answer(":cancel", 0);
        co_await stage.look_around();
        CHECK(stage.front.status(second->session_id) == "canceling");
    });
}

TEST_CASE("ledger: a session that its controller does not know any more is forgotten") {
    keep([](Kept& stage) -> awaitable<void> {
        const auto session = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        stage.front.answer("/v1/sessions/" + session->session_id, 404);
        const auto canceled = co_await stage.ledger.cancel(stage.choice, session->session_id);
        CHECK(canceled.has_value());
        CHECK(stage.rows().empty());
    });
}

TEST_CASE("ledger: what is given up is not held any more, and canceled when that can be done") {
    keep([](Kept& stage) -> awaitable<void> {
        const auto session = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        stage.ledger.arrived(session->session_id);
        stage.ledger.give_up(session->session_id);
        CHECK(stage.state_of(session->session_id) == "canceling");
        co_await stage.look_around();
        CHECK(stage.front.status(session->session_id) == "canceling");
    });
}

TEST_CASE("ledger: what never left this machine leaves no row, an answer without a session does") {
    keep([](Kept& stage) -> awaitable<void> {
        ClusterChoice nowhere = stage.choice;
        nowhere.settings = controller::settings_for("http://127.0.0.1:1").value();
        const auto none = co_await stage.ledger.authorize(nowhere, stage.target(), "pg");
        CHECK_FALSE(none.has_value());
        CHECK(stage.rows().empty());
        stage.front.forget_session_id();
        const auto nameless = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        REQUIRE_FALSE(nameless.has_value());
        CHECK(nameless.error().code == Errc::controller_protocol);
        REQUIRE(stage.rows().size() == 1);
        CHECK(stage.rows()[0].state == model::SessionHold::asked);
        const std::string made = stage.front.sessions().back();
        co_await stage.ledger.settle_lost(stage.choice, "another");
        CHECK(stage.front.status(made) == "pending");
        co_await stage.ledger.settle_lost(stage.choice, "pg"); // before it is asked again
        CHECK(stage.front.status(made) == "canceling");
        CHECK(stage.rows().empty());
    });
}

TEST_CASE("ledger: a caller's sessions are not ours to cancel: neither handed out nor lent ones") {
    keep([](Kept& stage) -> awaitable<void> {
        const auto handed = co_await stage.ledger.hand_out(stage.choice, stage.target());
        REQUIRE(handed.has_value());
        const std::string theirs = string_member(handed->item, "session_id");
        CHECK(stage.rows().empty());
        Authorized brought;
        brought.session_id = stage.front.make("ttcp_one");
        brought.token = Secret("no authorization token");
        brought.expiration = wall_now() + 1h;
        stage.ledger.lend(stage.choice, brought, "pg");
        CHECK(stage.state_of(brought.session_id) == "lent");
        // An unanswered call for the same target, at the same time, makes the ledger look.
        state::SessionRecord asked;
        asked.id = "asked:1";
        asked.cluster = stage.choice.settings.address;
        asked.cluster_settings = dump_json(controller::settings_to_json(stage.choice.settings));
        asked.target_id = "ttcp_one";
        asked.state = model::SessionHold::asked;
        asked.created = format_rfc3339(wall_now());
        REQUIRE(stage.store.put_session(asked).has_value());
        const std::string lost = stage.front.make("ttcp_one");
        co_await stage.look_around();
        auto settled = [&] { return stage.state_of("asked:1") == "none"; };
        const bool done = co_await until(settled);
        REQUIRE(done);
        CHECK(stage.front.status(lost) == "canceling");
        CHECK(stage.front.status(theirs) == "pending");
        CHECK(stage.front.status(brought.session_id) == "pending");
        CHECK(stage.state_of(brought.session_id) == "lent");
    });
}

TEST_CASE("ledger: without a login a session waits for one, and is canceled then") {
    keep([](Kept& stage) -> awaitable<void> {
        const auto session = co_await stage.ledger.authorize(stage.choice, stage.target(), "pg");
        const std::string id = session->session_id;
        stage.ledger.arrived(id);
        const keyring::Key key{stage.choice.settings.address, "default"};
        const auto removed = co_await stage.logins.remove(key);
        REQUIRE(removed.has_value());
        stage.tasks.spawn(stage.ledger.run(), "ledger");
        // Its first round is over when a session whose time has passed is forgotten.
        state::SessionRecord past;
        past.id = "s_past";
        past.expiration = format_rfc3339(wall_now() - 1min);
        REQUIRE(stage.store.put_session(past).has_value());
        auto forgotten = [&] {
            stage.ledger.look_again();
            return stage.state_of("s_past") == "none";
        };
        const bool looked = co_await until(forgotten);
        REQUIRE(looked);
        CHECK(stage.state_of(id) == "held");
        CHECK(stage.front.status(id) == "pending");
        stage.log_in();
        stage.ledger.look_again();
        auto canceled = [&] { return stage.front.status(id) == "canceling"; };
        const bool done = co_await until(canceled);
        CHECK(done);
    });
}
