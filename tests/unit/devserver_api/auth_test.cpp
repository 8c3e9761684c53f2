#include "support/catch.hpp"
#include "unit/devserver_api/api_fixture.hpp"

using namespace devserver;
using namespace devserver::test;
using namespace std::chrono_literals;

TEST_CASE("a wrong password, an unknown login name and missing attributes get their own answers") {
    ApiFixture server;
    const std::string path = "/v1/auth-methods/ampw_1234567890:authenticate";
    for (const char* body : {R"({"attributes":{"login_name":"admin","password":"wrong"}})",
                             R"({"attributes":{"login_name":"nobody","password":"password"}})"}) {
        const auto reply = server.call("POST", path, "", body);
        CHECK(reply.status == 401);
        CHECK(agent::dump_json(*reply.body) ==
              R"({"kind":"Unauthenticated","message":"Unable to authenticate."})");
    }
    const auto missing = server.call("POST", path, "", "{}");
    CHECK(missing.status == 400);
    const auto& fields = missing.body->at("details").at("request_fields");
    REQUIRE(fields.size() == 2);
    CHECK(text(fields.at(0), "name") == "attributes.login_name");
    CHECK(text(fields.at(1), "name") == "attributes.password");
}

TEST_CASE("a login has the members of the reference, in its order") {
    ApiFixture server;
    const auto reply =
        server.call("POST", "/v1/auth-methods/ampw_1234567890:authenticate", "",
                    R"({"attributes":{"login_name":"admin","password":"password"}})");
    REQUIRE(reply.status == 200);
    std::string keys;
    for (const auto& [key, value] : reply.body->at("attributes").items()) keys += key + " ";
    CHECK(keys == "account_id approximate_last_used_time auth_method_id created_time "
                  "expiration_time id scope token "
                  "updated_time user_id ");
    CHECK(text(*reply.body, "command") == "login");
}

TEST_CASE("without a token: scopes and auth methods with fewer fields, 401 elsewhere, 403 for "
          "recursive lists") {
    ApiFixture server;
    const auto scopes = server.get("/v1/scopes?scope_id=global", "");
    REQUIRE(scopes.at("items").size() == 1);
    CHECK(scopes.at("items").at(0).contains("name"));
    CHECK_FALSE(scopes.at("items").at(0).contains("created_time"));
    CHECK(server.call("GET", "/v1/auth-methods?scope_id=global").status == 200);
    CHECK(server.call("GET", "/v1/targets?scope_id=p_1234567890").status == 401);
    CHECK(server.call("GET", "/v1/targets?scope_id=global&recursive=true").status == 403);
    CHECK(server
              .call("POST", "/v1/targets/ttcp_1234567890:authorize-session", "at_0123456789_s1x",
                    "{}")
              .status == 401);
}

TEST_CASE(
    "a user without privileges gets 403 where a grant is missing, and only the actions granted") {
    ApiFixture server;
    const auto user = server.log_in("user");
    const auto target = server.get("/v1/targets/ttcp_1234567890", user);
    CHECK(target.at("authorized_actions") == Json({"read", "authorize-session"}));
    CHECK(server.call("GET", "/v1/users?scope_id=global", user).status == 403);
    CHECK(server.call("DELETE", "/v1/targets/ttcp_1234567890", user).status == 403);
    CHECK(server.call("GET", "/v1/hosts/hst_1234567890", user).status == 403);
    CHECK(server.call("GET", "/v1/targets/ttcp_0000000000", user).status == 404);
}

TEST_CASE("an auth token is read by its owner, never shows itself, and is gone after logout") {
    ApiFixture server;
    const auto user = server.log_in("user");
    const auto path = "/v1/auth-tokens/" + token_id(user);
    const auto item = server.get(path, user);
    CHECK_FALSE(item.contains("token"));
    CHECK(text(item, "user_id") == "u_0987654321");
    CHECK(server.call("GET", path).status == 403);
    const auto out = server.call("DELETE", path, user);
    CHECK(out.status == 204);
    CHECK_FALSE(out.body.has_value());
    CHECK(server.call("GET", path, user).status == 404);
}

TEST_CASE("a token dies 24 hours after its last use or 7 days after its creation, and its sessions "
          "with it") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto stale = server.log_in("admin");
    const auto session = text(server.authorize(stale), "session_id");
    for (int day = 0; day < 6; ++day) {
        server.pass(23h);
        CHECK(server.call("GET", "/v1/auth-tokens/" + token_id(admin), admin).status == 200);
    }
    CHECK(server.call("GET", "/v1/auth-tokens/" + token_id(stale), stale).status == 404);
    CHECK(server.store.sessions.session_status(session) == SessionStatus::canceling);
    server.pass(23h);
    CHECK(server.call("GET", "/v1/auth-tokens/" + token_id(admin), admin).status == 200);
    server.pass(23h);
    CHECK(server.call("GET", "/v1/auth-tokens/" + token_id(admin), admin).status == 404);
}

TEST_CASE("what never reaches a resource is answered with an empty body") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto empty = [&](const std::string& method, const std::string& target) {
        const auto reply = server.call(method, target, admin, "{}");
        CHECK_FALSE(reply.body.has_value());
        return reply.status;
    };
    CHECK(empty("GET", "/v1/nonsense") == 404);
    CHECK(empty("POST", "/v1/targets/ttcp_1234567890:nonsense") == 400);
    CHECK(empty("PUT", "/v1/targets/ttcp_1234567890") == 405);
    CHECK(empty("GET", "/v1/sessions/s_1234567890:cancel") == 405);
}
