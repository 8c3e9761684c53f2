// Errors that scripts compare with the reference's: kind, status, fields.

#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

TEST_CASE("what only the Enterprise edition does is Unimplemented, by its JSON error") {
    AdminFixture server;
    for (const char* path : {"policies", "policies/pst_1", "session-recordings", "storage-buckets",
                             "storage-buckets?scope_id=global", "billing:monthly-active-users"}) {
        INFO(path);
        const auto reply = server.call("GET", std::string("/v1/") + path, server.admin);
        CHECK(reply.status == 405);
        CHECK(text(reply.body.value(), "kind") == "Unimplemented");
    }
}

TEST_CASE("an update that names nothing says so, one of unknown members too") {
    AdminFixture server;
    const auto nothing = server.change("targets/ttcp_1234567890", "", "");
    CHECK(nothing.status == 400);
    CHECK(text(*nothing.body, "message") == "No valid fields included in the update mask.");
    CHECK(complaint(nothing, "update_mask") == "No valid paths provided in the update mask.");
    const auto unknown = server.change("users/u_1234567890", "", R"("colour":"red")");
    CHECK(complaint(unknown, "update_mask") == "No valid fields provided in the update mask.");
    CHECK(server.change("users/u_1234567890", "", R"("name":"x","colour":"red")").status == 200);
}

TEST_CASE("a static host's address has no port") {
    AdminFixture server;
    const auto host = [&](const std::string& address) {
        return server.call("POST", "/v1/hosts", server.admin,
                           R"({"host_catalog_id":"hcst_1234567890","attributes":{"address":")" +
                               address + "\"}}");
    };
    for (const char* address : {"127.0.0.1:22", "db.example:5432", "[::1]:22"})
        CHECK(complaint(host(address), "attributes.address") ==
              "Address for static hosts does not support a port.");
    for (const char* address : {"127.0.0.1", "::1", "fe80::1:22", "db.example"})
        CHECK(host(address).status == 200);
}

TEST_CASE("host sources on a target with an address are a failed precondition") {
    AdminFixture server;
    const auto reply = server.change("targets/ttcp_1234567890", "add-host-sources",
                                     R"("host_source_ids":["hsst_1234567890"])");
    CHECK(reply.status == 400);
    CHECK(text(*reply.body, "kind") == "FailedPrecondition");
}

TEST_CASE("a target is found by a name with slashes and colons in it") {
    AdminFixture server;
    server.make("targets", R"({"type":"tcp","scope_id":"p_1234567890","name":"db/main:rw",)"
                           R"("address":"127.0.0.1","attributes":{"default_port":22}})");
    const std::string body = R"({"name":"db/main:rw","scope_id":"p_1234567890"})";
    for (const char* path : {"db/main:rw", "db%2Fmain%3Arw"})
        CHECK(server
                  .call("POST", "/v1/targets/" + std::string(path) + ":authorize-session",
                        server.admin, body)
                  .status == 200);
    CHECK(server.call("GET", "/v1/targets/db/main", server.admin).status == 400);
}

TEST_CASE("the users that every cluster has stay") {
    AdminFixture server;
    for (const char* id : {"u_anon", "u_auth", "u_recovery"})
        CHECK(server.call("DELETE", std::string("/v1/users/") + id, server.admin).status == 400);
}

TEST_CASE("credentials of every type show their secrets as an HMAC") {
    AdminFixture server;
    const auto store = text(
        server.make("credential-stores", R"({"scope_id":"p_1234567890","type":"static"})"), "id");
    const auto shown = [&](const std::string& type, const std::string& attributes) {
        const auto made =
            server.make("credentials", R"({"credential_store_id":")" + store + R"(","type":")" +
                                           type + R"(","attributes":)" + attributes + "}");
        CHECK(agent::dump_json(made).find("hunter22") == std::string::npos);
        std::string keys = text(made, "id").substr(0, text(made, "id").find('_')) + ":";
        for (const auto& [key, value] : made.at("attributes").items()) keys += " " + key;
        return keys;
    };
    CHECK(shown("username_password", R"({"username":"u","password":"hunter22"})") ==
          "credup: password_hmac username");
    CHECK(shown("username_password_domain",
                R"({"username":"u","domain":"d","password":"hunter22"})") ==
          "credupd: password_hmac username domain");
    CHECK(shown("password", R"({"password":"hunter22"})") == "credp: password_hmac");
    CHECK(shown("ssh_private_key", R"({"username":"u","private_key":"hunter22"})") ==
          "credspk: private_key_hmac username");
    CHECK(shown("json", R"({"object":{"token":"hunter22"}})") == "credjson: object_hmac");
}

TEST_CASE("bodies of actions that make no sense are complaints, never a 500") {
    AdminFixture server;
    const auto group = "groups/" + text(server.make("groups", R"({"scope_id":"global"})"), "id");
    const auto role = "roles/" + text(server.make("roles", R"({"scope_id":"global"})"), "id");
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += "[";
    const std::string huge =
        R"({"version":1,"grant_strings":[")" + std::string(900'000, 'x') + "\"]}";
    for (const std::string& body :
         {std::string("[]"), std::string("{}"), deep, huge, std::string(R"({"version":"1"})"),
          std::string(R"({"version":-1})"), std::string(R"({"version":1,"member_ids":{"a":1}})"),
          std::string(R"({"version":1,"grant_strings":[null]})"),
          std::string(R"({"version":1,"principal_ids":[["x"]]})"),
          std::string(R"({"version":18446744073709551615})")}) {
        for (const auto& path :
             {group + ":add-members", role + ":add-grants", role + ":set-grant-scopes",
              role + ":add-principals", std::string("workers/w_1234567890:set-worker-tags"),
              std::string("scopes:rotate-keys"), std::string("scopes:destroy-key-version"),
              std::string("workers:create:worker-led"),
              std::string("auth-methods/ampw_1234567890:change-state")}) {
            INFO(path << " " << body.substr(0, 60));
            const auto status = server.call("POST", "/v1/" + path, server.admin, body).status;
            CHECK((status == 200 || (status >= 400 && status < 500)));
        }
    }
}
