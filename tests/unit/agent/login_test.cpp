// What a controller answers to a login: what cannot be a token is no login, and one that never ends
// is one.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Answers every request with this login.
class LoginFront {
  public:
    explicit LoginFront(Json attributes)
        : front_(0, [attributes](const std::string&) { return answer(attributes); }) {}
    ClusterChoice choice() const {
        ClusterChoice choice;
        choice.settings = controller::settings_for(front_.address()).value();
        choice.settings.timeout = 20s;
        return choice;
    }

  private:
    static HttpFront::Verdict answer(const Json& attributes) {
        const std::string body = dump_json(Json{{"attributes", attributes}});
        HttpFront::Verdict verdict;
        verdict.fate = HttpFront::Fate::answered;
        verdict.answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: "
                         "close\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body;
        return verdict;
    }
    HttpFront front_;
};

Credentials credentials(bool store = true) {
    Credentials options;
    options.auth_method_id = "ampw_1";
    options.login_name = "admin";
    options.password = Secret("x");
    options.store = store;
    return options;
}

} // namespace

TEST_CASE("login: a token that could be sent with no request is refused, and nothing is kept") {
    const auto bad =
        GENERATE(as<std::string>(), std::string(2U << 20U, 'a'), std::string(8193, 'a'),
                 std::string("at_1\r\nX: y"), std::string("at_1 x"), std::string("at_\x80"));
    const bool store = GENERATE(true, false);
    const LoginFront front(Json{{"id", "at_1"}, {"token", bad}});
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto done = co_await stage.agent.authenticate(front.choice(), credentials(store));
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Errc::controller_protocol);
        CHECK(done.error().message.find("aaaa") == std::string::npos);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}

TEST_CASE("login: an answer that is larger than any tree may be is refused, and nothing is kept") {
    const LoginFront front(Json{{"id", "at_1"}, {"token", std::string(8U << 20U, 'a')}});
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto done = co_await stage.agent.authenticate(front.choice(), credentials());
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Errc::limit_exceeded);
        CHECK(done.error().message.find("aaaa") == std::string::npos);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}

TEST_CASE("login: one that brings more than a keyring should keep is refused") {
    const LoginFront front(
        Json{{"id", "at_1"}, {"token", "at_1_x"}, {"more", std::string(20'000, 'a')}});
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto done = co_await stage.agent.authenticate(front.choice(), credentials());
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Errc::controller_protocol);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}

TEST_CASE("login: one that ends in the year 9999 is kept and used") {
    const LoginFront front(
        Json{{"id", "at_1"}, {"token", "at_1_x"}, {"expiration_time", "9999-12-31T23:59:59Z"}});
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        const auto done = co_await stage.agent.authenticate(front.choice(), credentials());
        REQUIRE(done.has_value());
        CHECK(done->stored);
        const keyring::Key key{front.choice().settings.address, "default"};
        const auto found = co_await stage.logins.find(key);
        CHECK((found && *found));
    };
    tell(story);
}
