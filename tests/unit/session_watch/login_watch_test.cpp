// LoginWatch without sockets: a made-up controller's answers, and a clock that only the test moves.
// Above 400 lines because the rows of the table in its README are each a case over the same
// answers.

#include "agent/session_watch/login_watch.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::session_watch;
using namespace std::chrono_literals;
using Kind = Question::Kind;

namespace {

Json session(const std::string& id, const std::string& status = "active",
             const std::string& project = "p_1") {
    Json object = Json::object();
    object["id"] = id;
    object["status"] = status;
    object["scope_id"] = project;
    return object;
}

Answer refusal(int status) {
    Answer answer;
    answer.status = status;
    answer.of_a_controller = true;
    return answer;
}

Answer read(Json object) {
    Answer answer = refusal(200);
    answer.object = std::move(object);
    return answer;
}

Answer page(std::vector<Json> items, std::string token = "t", bool more = false) {
    Answer answer = refusal(200);
    answer.had_items = !items.empty();
    answer.items = std::move(items);
    answer.list_token = std::move(token);
    answer.more = more;
    return answer;
}

struct Stage {
    LoginWatch::Time now{1h};
    double random = 0.5;
    LoginWatch watch{Times{}, [this] { return random; }};
    Question question;

    explicit Stage(std::vector<std::string> ids) {
        watch.as("at_1", "u_1");
        hold(std::move(ids));
    }
    void hold(std::vector<std::string> ids) {
        std::vector<HeldSession> sessions;
        for (auto& id : ids) sessions.push_back({std::move(id), true});
        watch.hold(sessions, now);
    }
    /// The time until the next question, which is asked then.
    std::chrono::milliseconds ask() {
        const auto due = watch.due();
        REQUIRE(due.has_value());
        const auto pause = std::max(*due - now, LoginWatch::Time::duration::zero());
        now += pause;
        question = watch.next(now);
        return std::chrono::duration_cast<std::chrono::milliseconds>(pause);
    }
    std::vector<Verdict> answer(const Answer& said) { return watch.take(question, said, now); }
    /// Until the list has been read once: one round is left behind.
    void settle(std::vector<Json> items) {
        ask();
        REQUIRE(question.kind == Kind::session);
        answer(read(items.front()));
        ask();
        REQUIRE(question.kind == Kind::list);
        CHECK(answer(page(std::move(items))).empty());
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("watch: nothing held, nothing asked, ever") {
    Stage stage({});
    CHECK_FALSE(stage.watch.due().has_value());
    stage.watch.hurry(stage.now);
    CHECK_FALSE(stage.watch.due().has_value());
    stage.hold({"s_1"});
    CHECK(stage.watch.due().has_value());
    stage.hold({});
    CHECK_FALSE(stage.watch.due().has_value());
}

TEST_CASE("watch: a new session is good for a moment, then it is read, then its project is listed "
          "with one question a round") {
    Stage stage({"s_1"});
    CHECK(stage.ask() == 3500ms);
    CHECK(stage.question.path == "/v1/sessions/s_1");
    CHECK(stage.answer(read(session("s_1"))).empty());
    CHECK(stage.ask() == 0ms);
    CHECK(has(stage.question.path, "/v1/sessions?scope_id=p_1&include_terminated=true&filter="));
    CHECK(has(stage.question.path, "u_1"));
    CHECK_FALSE(has(stage.question.path, "recursive"));
    CHECK_FALSE(has(stage.question.path, "list_token"));
    CHECK(stage.answer(page({session("s_1")}, "next one")).empty());
    for (int round = 0; round < 20; ++round) {
        CHECK(stage.ask() == 3500ms);
        CHECK(has(stage.question.path, "list_token=next%20one"));
        CHECK(stage.answer(page({}, "next one")).empty());
    }
}

TEST_CASE("watch: a hundred sessions cost what one does") {
    std::vector<std::string> ids;
    std::vector<Json> items;
    for (int i = 0; i < 100; ++i) ids.push_back("s_" + std::to_string(i));
    for (const auto& id : ids) items.push_back(session(id));
    Stage stage(ids);
    int questions = 0;
    const auto end = stage.now + 60s;
    for (; stage.now < end; ++questions) {
        stage.ask();
        REQUIRE(stage.question.kind == Kind::list);
        const bool whole = !has(stage.question.path, "list_token");
        CHECK(stage.answer(page(whole ? items : std::vector<Json>())).empty());
    }
    CHECK(questions <= 19); // the first list, the same in one project, and 17 rounds
}

TEST_CASE("watch: what a list or a read shows as over is told, once") {
    const std::string status = GENERATE("canceling", "terminated");
    Stage stage({"s_1", "s_2"});
    stage.settle({session("s_1"), session("s_2")});
    stage.ask();
    const auto verdicts = stage.answer(page({session("s_2", status)}));
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].kind == Verdict::Kind::over);
    CHECK(verdicts[0].session == "s_2");
    CHECK(string_member(verdicts[0].object, "status") == status);
    stage.ask(); // a refresh repeats what is younger than half a minute
    CHECK(stage.answer(page({session("s_2", status)})).empty());
    CHECK(stage.watch.holds("s_2"));
}

TEST_CASE(
    "watch: a session that is still held half a minute after its end was told is told again") {
    Stage stage({"s_1"});
    stage.ask();
    CHECK(stage.answer(read(session("s_1", "canceling"))).size() == 1);
    CHECK(stage.ask() == 30s);
    CHECK(stage.answer(page({session("s_1", "canceling")})).size() == 1);
}

TEST_CASE("watch: a session that a whole list does not show is read: there it may live, or be "
          "deleted") {
    Stage stage({"s_1", "s_2", "s_3"});
    stage.ask();
    stage.answer(read(session("s_1")));
    stage.ask();
    stage.answer(page({session("s_1")}));
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/sessions/s_2");
    CHECK(stage.answer(read(session("s_2"))).empty());
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/sessions/s_3");
    const auto verdicts = stage.answer(refusal(404));
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].kind == Verdict::Kind::deleted);
    CHECK(verdicts[0].session == "s_3");
    CHECK(stage.ask() == 3500ms);
    CHECK(stage.question.kind == Kind::list);
}

TEST_CASE("watch: a session that a refresh has among the removed ones is read, and then told") {
    Stage stage({"s_1", "s_2"});
    stage.settle({session("s_1"), session("s_2")});
    stage.ask();
    Answer refresh = page({});
    refresh.removed = {"s_foreign", "s_2"};
    CHECK(stage.answer(refresh).empty());
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/sessions/s_2");
    const auto verdicts = stage.answer(refusal(404));
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].kind == Verdict::Kind::deleted);
    CHECK(stage.ask() == 3500ms);
}

TEST_CASE("watch: what another login authorized and this controller does not show is left alone") {
    Stage stage({});
    stage.watch.hold({{"s_lent", false}}, stage.now);
    stage.ask();
    CHECK(stage.answer(refusal(404)).empty());
    CHECK_FALSE(stage.watch.due().has_value());
}

TEST_CASE("watch: a project that is gone takes all its sessions along") {
    Stage stage({"s_1", "s_2"});
    stage.settle({session("s_1"), session("s_2")});
    stage.ask();
    CHECK(stage.answer(refusal(404)).empty());
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/scopes/p_1");
    const auto verdicts = stage.answer(refusal(404));
    REQUIRE(verdicts.size() == 2);
    CHECK(verdicts[0].kind == Verdict::Kind::project_deleted);
}

TEST_CASE("watch: sessions in several projects are listed together, and each project is looked at "
          "in the same round") {
    Stage stage({"s_1", "s_2"});
    stage.ask();
    stage.answer(read(session("s_1")));
    stage.ask();
    stage.answer(page({session("s_1")}));
    stage.ask(); // s_2 is not in p_1
    stage.answer(read(session("s_2", "active", "p_2")));
    CHECK(stage.ask() == 3500ms);
    CHECK(has(stage.question.path, "scope_id=global&recursive=true"));
    stage.answer(page({session("s_1"), session("s_2", "active", "p_2")}));
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/scopes/p_1");
    CHECK(stage.answer(refusal(403)).empty()); // not ours to read: it says nothing
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/scopes/p_2");
    const auto verdicts = stage.answer(refusal(404));
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].session == "s_2");
    CHECK(stage.ask() == 3500ms);
}

TEST_CASE(
    "watch: a read that is forbidden all at once means a deleted project, or a right that was "
    "taken, and the project tells which") {
    Stage stage({"s_1"});
    stage.settle({session("s_1")});
    stage.watch.suspect("s_1", stage.now);
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/sessions/s_1");
    CHECK(stage.answer(refusal(403)).empty());
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/scopes/p_1");
    const bool deleted = GENERATE(true, false);
    const auto verdicts = stage.answer(deleted ? refusal(404) : read(Json::object()));
    CHECK(verdicts.size() == (deleted ? 1 : 0));
}

TEST_CASE("watch: a session that nobody here may read is never taken for one that is over") {
    Stage stage({"s_1"});
    for (int round = 0; round < 5; ++round) {
        CHECK(stage.ask() == 3500ms);
        CHECK(stage.question.path == "/v1/sessions/s_1");
        CHECK(stage.answer(refusal(403)).empty());
    }
}

TEST_CASE("watch: a login that ended is told once for all its sessions") {
    Stage stage({"s_1", "s_2"});
    stage.settle({session("s_1"), session("s_2")});
    stage.ask();
    const auto [list, self] =
        GENERATE(std::pair(401, 401), std::pair(401, 403), std::pair(401, 404), std::pair(403, 401),
                 std::pair(403, 404));
    CHECK(stage.answer(refusal(list)).empty());
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/auth-tokens/at_1");
    const auto verdicts = stage.answer(refusal(self));
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].kind == Verdict::Kind::login_gone);
    stage.hold({});
    CHECK_FALSE(stage.watch.due().has_value());
}

TEST_CASE("watch: a login that lives and may not list has its sessions read, one after the other") {
    Stage stage({"s_1", "s_2"});
    stage.settle({session("s_1"), session("s_2")});
    stage.ask();
    stage.answer(refusal(403));
    stage.ask();
    const int self = GENERATE(200, 403);
    CHECK(stage.answer(self == 200 ? read(Json::object()) : refusal(403)).empty());
    CHECK(stage.ask() == 1750ms); // each within one interval
    CHECK(stage.question.kind == Kind::session);
    const auto first = stage.question.id;
    stage.answer(read(session(first)));
    CHECK(stage.ask() == 1750ms);
    CHECK(stage.question.id != first);
    const auto verdicts = stage.answer(read(session(stage.question.id, "canceling")));
    CHECK(verdicts.size() == 1);
    stage.now += 10min; // then the list is tried again
    stage.ask();
    CHECK(stage.question.kind == Kind::list);
}

TEST_CASE("watch: many sessions that must be read are read with a pause between them") {
    std::vector<std::string> ids;
    for (int i = 0; i < 100; ++i) ids.push_back("s_" + std::to_string(i));
    Stage stage(ids);
    stage.ask();
    REQUIRE(stage.question.kind == Kind::list);
    Answer foreign = page({}, ""); // a controller without list tokens
    foreign.had_items = true;
    stage.answer(foreign);
    for (int i = 0; i < 200; ++i) {
        CHECK(stage.ask() == 500ms);
        REQUIRE(stage.question.kind == Kind::session);
        stage.answer(read(session(stage.question.id)));
    }
}

TEST_CASE("watch: a list that does not fit, or has no end, is left for reads") {
    Stage stage({"s_1"});
    stage.ask();
    stage.answer(read(session("s_1")));
    stage.ask();
    SECTION("too long") {
        Answer answer;
        answer.too_long = true;
        CHECK(stage.answer(answer).empty());
    }
    SECTION("no end") {
        for (int i = 0; i < 200; ++i) {
            REQUIRE(stage.question.kind == Kind::list);
            stage.answer(page({}, "t" + std::to_string(i), true));
            stage.ask();
        }
    }
    if (stage.question.kind == Kind::list) stage.ask();
    CHECK(stage.question.kind == Kind::session);
}

TEST_CASE("watch: a list token that is refused is dropped, and the list begun again at once; one "
          "that is refused each time is given up") {
    Stage stage({"s_1"});
    stage.settle({session("s_1")});
    for (int i = 0; i < 2; ++i) {
        stage.ask();
        CHECK(has(stage.question.path, "list_token"));
        stage.answer(refusal(400));
        CHECK(stage.ask() == 0ms);
        CHECK_FALSE(has(stage.question.path, "list_token"));
        stage.answer(page({session("s_1")}));
    }
    stage.ask();
    stage.answer(refusal(400));
    stage.ask();
    CHECK(stage.question.kind == Kind::session);
}

TEST_CASE("watch: pages of a list follow at once") {
    Stage stage({"s_1", "s_2"});
    stage.ask();
    stage.answer(read(session("s_1")));
    stage.ask();
    stage.answer(page({session("s_1")}, "page two", true));
    CHECK(stage.ask() == 0ms);
    CHECK(has(stage.question.path, "list_token=page%20two"));
    CHECK(stage.answer(page({session("s_2")}, "end")).empty());
    CHECK(stage.ask() == 3500ms);
    CHECK(has(stage.question.path, "list_token=end"));
}

TEST_CASE("watch: failures double the pause, up to a minute; the first success ends that") {
    Stage stage({"s_1"});
    stage.random = 0;
    stage.settle({session("s_1")});
    const int status = GENERATE(0, 429, 500, 503);
    std::vector<std::chrono::milliseconds> pauses;
    stage.ask();
    for (int i = 0; i < 7; ++i) {
        CHECK(stage.answer(refusal(status)).empty());
        pauses.push_back(stage.ask());
    }
    CHECK(pauses == std::vector<std::chrono::milliseconds>{7s, 14s, 28s, 56s, 60s, 60s, 60s});
    stage.answer(page({}));
    CHECK(stage.ask() == 3150ms);
}

TEST_CASE("watch: Retry-After is obeyed, whatever else happens") {
    Stage stage({"s_1"});
    stage.random = GENERATE(0.0, 0.99);
    stage.settle({session("s_1")});
    stage.ask();
    Answer limited = refusal(429);
    limited.retry_after = 120s;
    CHECK(stage.answer(limited).empty());
    stage.watch.hurry(stage.now);
    stage.watch.suspect("s_1", stage.now);
    stage.hold({"s_1", "s_2"});
    const auto pause = stage.ask();
    CHECK(pause >= 120s);
    CHECK(pause <= 132s);
}

TEST_CASE("watch: a network that is back ends the pause") {
    Stage stage({"s_1"});
    stage.settle({session("s_1")});
    stage.ask();
    for (int i = 0; i < 5; ++i) {
        stage.answer(Answer());
        if (i < 4) stage.ask();
    }
    stage.watch.hurry(stage.now);
    CHECK(stage.ask() == 0ms);
}

TEST_CASE("watch: a refusal by somebody in front of the controller proves nothing") {
    Stage stage({"s_1"});
    stage.settle({session("s_1")});
    stage.ask();
    const int status = GENERATE(401, 403, 404);
    Answer front;
    front.status = status;
    CHECK(stage.answer(front).empty());
    CHECK(stage.ask() >= 7s);
    CHECK(stage.question.kind == Kind::list);
}

TEST_CASE("watch: pauses differ from agent to agent, within a tenth") {
    Stage stage({"s_1"});
    stage.settle({session("s_1")});
    stage.random = GENERATE(0.0, 0.25, 0.5, 0.75, 0.999);
    stage.ask();
    stage.answer(page({}));
    const auto pause = stage.ask();
    CHECK(pause >= 3150ms);
    CHECK(pause <= 3850ms);
}

TEST_CASE("watch: another login of the same name begins anew") {
    Stage stage({"s_1"});
    stage.settle({session("s_1")});
    stage.watch.as("at_2", "u_2");
    stage.ask();
    CHECK(stage.question.kind == Kind::list);
    CHECK_FALSE(has(stage.question.path, "list_token"));
    CHECK(has(stage.question.path, "u_2"));
}

TEST_CASE("watch: somebody else's question that was answered 401 has the login looked at, although "
          "nothing is held") {
    Stage stage({});
    stage.watch.suspect({}, stage.now);
    stage.hold({}); // the driver says so before each question
    CHECK(stage.ask() == 0ms);
    CHECK(stage.question.path == "/v1/auth-tokens/at_1");
    const int status = GENERATE(200, 404);
    const auto verdicts = stage.answer(status == 200 ? read(Json::object()) : refusal(404));
    CHECK(verdicts.size() == (status == 200 ? 0 : 1));
    CHECK_FALSE(stage.watch.due().has_value());
}
