// Bad input at the door: what is printed and the exit code.

#include "support/dev_environment.hpp"
#include "system/refusal.hpp"

using namespace agent::test;

TEST_CASE("refusal: a wrong password is the controller's 401, as table and as JSON") {
    DevEnvironment world;
    world.environment["BAD"] = "opensesame";
    const std::vector<std::string> login{"authenticate", "password",    "-auth-method-id",
                                         auth_method_id, "-login-name", "admin",
                                         "-password",    "env://BAD"};
    const auto table = world.agentctl(login);
    check_refused(table, 1,
                  {"Error from controller when performing authentication", "Unauthenticated",
                   "Unable to authenticate.", "401"});
    CHECK(table.err.find("opensesame") == std::string::npos);
    auto json = login;
    json.insert(json.end(), {"-format", "json"});
    check_refused(world.agentctl(json), 1, {R"("status_code":401)", R"("kind":"Unauthenticated")"});
}

TEST_CASE("refusal: a revoked or garbled token is the controller's 401") {
    DevEnvironment world;
    world.environment["T"] = world.token("admin");
    REQUIRE(world.agentctl({"auth-tokens", "delete", "-id", "self", "-token", "env://T"}).exit ==
            0);
    check_refused(world.agentctl({"targets", "list", "-scope-id", project_id, "-token", "env://T"}),
                  1, {"401"});
    world.environment["T"] = "at_1234567890_s1abc";
    const auto garbled = world.agentctl({"targets", "read", "-id", target_id, "-token", "env://T"});
    check_refused(garbled, 1, {"401"});
    CHECK(garbled.err.find("s1abc") == std::string::npos);
}

TEST_CASE("refusal: no login at all says how to log in") {
    DevEnvironment world;
    const auto ended = world.agentctl({"targets", "authorize-session", "-id", target_id});
    INFO(ended.out << ended.err);
    CHECK(ended.exit != 0);
    CHECK(ended.err.find("authenticate") != std::string::npos);
}

TEST_CASE(
    "refusal: a password or token source that cannot be read is bad usage and names the source") {
    DevEnvironment world;
    check_refused(world.agentctl({"authenticate", "password", "-login-name", "admin", "-password",
                                  "env://NOSUCH"}),
                  3, {"NOSUCH"});
    check_refused(world.agentctl({"authenticate", "password", "-login-name", "admin", "-password",
                                  "file:///nonexistent"}),
                  3, {"/nonexistent"});
    const auto typed = world.agentctl(
        {"authenticate", "password", "-login-name", "admin", "-password", "opensesame"});
    check_refused(typed, 3, {"env://"});
    CHECK(typed.err.find("opensesame") == std::string::npos);
}
