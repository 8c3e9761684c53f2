#include "support/catch.hpp"
#include "unit/devserver_api/api_fixture.hpp"

using namespace devserver;
using namespace devserver::test;

TEST_CASE("an update needs the present version, and leaves alone what it does not name") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto patch = [&](const std::string& body) {
        return server.call("PATCH", "/v1/targets/ttcp_1234567890", admin, body);
    };
    CHECK(patch(R"({"name":"new"})").status == 400);
    const auto late = patch(R"({"name":"new","version":7})");
    CHECK(late.status == 404);
    CHECK(agent::dump_json(*late.body) ==
          R"({"kind":"NotFound","message":"Target \"ttcp_1234567890\" not found or incorrect )"
          R"(version provided."})");
    const auto item = patch(R"({"name":"new","version":1})").body.value();
    CHECK(text(item, "name") == "new");
    CHECK(text(item, "address") == "127.0.0.1");
    CHECK(item.at("version") == 2);
    const auto cleared = patch(R"({"description":null,"version":2})").body.value();
    CHECK_FALSE(cleared.contains("description"));
}

TEST_CASE("names are unique in their place, alias values in the whole cluster") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const char* target =
        R"({"type":"tcp","scope_id":"p_1234567890","name":"twice","attributes":{"default_port":22}})";
    CHECK(server.call("POST", "/v1/targets", admin, target).status == 200);
    const auto again = server.call("POST", "/v1/targets", admin, target);
    CHECK(again.status == 400);
    CHECK(agent::dump_json(*again.body) ==
          R"({"kind":"InvalidArgument","message":"Invalid request.  Request attempted to make )"
          R"(second resource with the same field value that must be unique."})");
    CHECK(server
              .call("POST", "/v1/aliases", admin,
                    R"({"scope_id":"global","value":"SSH.Boundary.dev"})")
              .status == 400);
    CHECK(
        server
            .call("POST", "/v1/aliases", admin, R"({"scope_id":"global","value":"no_underscore"})")
            .status == 400);
}

TEST_CASE("bodies that make no sense are complaints, never a 500") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    for (
        const char* body :
        {"[]", "nonsense", "{}", R"({"scope_id":5})",
         R"({"scope_id":"p_1234567890","type":7,"name":["x"]})",
         R"({"scope_id":"hcst_1234567890","type":"tcp","name":"x"})",
         R"({"scope_id":"p_1234567890","type":"tcp","name":"x","attributes":[1]})",
         R"({"scope_id":"p_1234567890","type":"tcp","name":"y","attributes":{"default_port":70000}})"}) {
        INFO(body);
        for (const char* collection :
             {"targets", "hosts", "host-sets", "host-catalogs", "users", "accounts", "aliases",
              "credentials", "credential-stores", "scopes", "groups", "roles", "auth-methods",
              "managed-groups"}) {
            INFO(collection);
            CHECK(server.call("POST", std::string("/v1/") + collection, admin, body).status < 500);
        }
        CHECK(server.call("POST", "/v1/targets/ttcp_1234567890:authorize-session", admin, body)
                  .status < 500);
        CHECK(
            server.call("POST", "/v1/auth-methods/ampw_1234567890:authenticate", "", body).status <
            500);
    }
}

TEST_CASE("a new user with an account logs in, changes the password, and is out when deleted") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto user =
        text(server.call("POST", "/v1/users", admin, R"({"scope_id":"global","name":"kim"})")
                 .body.value(),
             "id");
    const auto account = text(
        server
            .call(
                "POST", "/v1/accounts", admin,
                R"({"auth_method_id":"ampw_1234567890","type":"password","attributes":{"login_name":"kim","password":"password"}})")
            .body.value(),
        "id");
    REQUIRE(server
                .call("POST", "/v1/users/" + user + ":add-accounts", admin,
                      R"({"version":1,"account_ids":[")" + account + "\"]}")
                .status == 200);
    const auto token = server.log_in("kim");
    const auto version = server.get("/v1/accounts/" + account, token).at("version").get<int>();
    const auto change = [&](const std::string& current) {
        return server
            .call("POST", "/v1/accounts/" + account + ":change-password", token,
                  R"({"version":)" + std::to_string(version) + R"(,"current_password":")" +
                      current + R"(","new_password":"another one"})")
            .status;
    };
    CHECK(change("wrong one") == 403);
    CHECK(change("password") == 200);
    CHECK(server
              .call("POST", "/v1/auth-methods/ampw_1234567890:authenticate", "",
                    R"({"attributes":{"login_name":"kim","password":"another one"}})")
              .status == 200);
    CHECK(server.call("DELETE", "/v1/users/" + user, admin).status == 204);
    CHECK(server.call("GET", "/v1/targets/ttcp_1234567890", token).status == 401);
    CHECK(server
              .call("POST", "/v1/auth-methods/ampw_1234567890:authenticate", "",
                    R"({"attributes":{"login_name":"kim","password":"another one"}})")
              .status == 401);
}

TEST_CASE("a target brokers its static credential; reads never show the secret") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto store = text(server
                                .call("POST", "/v1/credential-stores", admin,
                                      R"({"scope_id":"p_1234567890","type":"static"})")
                                .body.value(),
                            "id");
    const auto made = server.call(
        "POST", "/v1/credentials", admin,
        R"({"credential_store_id":")" + store +
            R"(","type":"username_password","attributes":{"username":"db","password":"hunter22"}})");
    REQUIRE(made.status == 200);
    CHECK(agent::dump_json(*made.body).find("hunter22") == std::string::npos);
    const auto id = text(*made.body, "id");
    REQUIRE(server
                .call("POST", "/v1/targets/ttcp_1234567890:add-credential-sources", admin,
                      R"({"version":1,"brokered_credential_source_ids":[")" + id + "\"]}")
                .status == 200);
    const auto credential = server.authorize(admin).at("credentials").at(0);
    CHECK(agent::dump_json(credential.at("credential")) ==
          R"({"username":"db","password":"hunter22"})");
    CHECK(text(credential.at("credential_source"), "credential_type") == "username_password");
    CHECK(text(credential.at("secret"), "raw") ==
          "eyJ1c2VybmFtZSI6ImRiIiwicGFzc3dvcmQiOiJodW50ZXIyMiJ9");
}

TEST_CASE("a credential keeps only what its type is made of, and of the right make") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto store = text(server
                                .call("POST", "/v1/credential-stores", admin,
                                      R"({"scope_id":"p_1234567890","type":"static"})")
                                .body.value(),
                            "id");
    const auto make = [&](const std::string& rest) {
        return server.call("POST", "/v1/credentials", admin,
                           R"({"credential_store_id":")" + store + "\"," + rest + "}");
    };
    const auto login = make(
        R"("type":"username_password","attributes":{"username":"db","password":"hunter22","private_key":"stray"})");
    REQUIRE(login.status == 200);
    CHECK(server.store.credentials.secret(text(*login.body, "id")) ==
          Secret(R"({"username":"db","password":"hunter22"})"));
    CHECK(
        make(
            R"("type":"ssh_private_key","attributes":{"username":"u","private_key":"k","private_key_passphrase":5})")
            .status == 400);
    const auto object = make(R"("type":"json","attributes":{"object":{"a":1}})");
    REQUIRE(object.status == 200);
    const auto id = text(*object.body, "id");
    CHECK(server
              .call("PATCH", "/v1/credentials/" + id, admin,
                    R"({"version":1,"attributes":{"object":5}})")
              .status == 400);
    CHECK(server.store.credentials.secret(id) == Secret(R"({"a":1})"));
    CHECK(server
              .call("PATCH", "/v1/credentials/" + id, admin,
                    R"({"version":1,"attributes":{"object":{"a":2}}})")
              .status == 200);
    CHECK(server.store.credentials.secret(id) == Secret(R"({"a":2})"));
}

TEST_CASE("a number too large for its member is a complaint, not another number") {
    ApiFixture server;
    const auto body = R"({"version":1,"session_connection_limit":18446744073709551615})";
    CHECK(
        server.call("PATCH", "/v1/targets/ttcp_1234567890", server.log_in("admin"), body).status ==
        400);
}

TEST_CASE("a user's resolvable aliases are those with a target; others may not ask") {
    ApiFixture server;
    const auto user = server.log_in("user");
    const auto list =
        server.get("/v1/users/u_0987654321:list-resolvable-aliases?scope_id=global", user);
    REQUIRE(list.at("items").size() == 1);
    CHECK(text(list.at("items").at(0), "value") == "ssh.boundary.dev");
    CHECK(server.call("GET", "/v1/users/u_1234567890:list-resolvable-aliases", user).status == 403);
}
