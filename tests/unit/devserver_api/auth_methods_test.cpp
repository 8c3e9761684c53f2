#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

TEST_CASE("a password auth method is made, made primary, logged in with, and forgotten") {
    AdminFixture server;
    const auto made = server.make(
        "auth-methods",
        R"({"scope_id":"o_1234567890","type":"password","attributes":{"min_password_length":12}})");
    CHECK(agent::dump_json(made.at("attributes")) ==
          R"({"min_login_name_length":3,"min_password_length":12})");
    CHECK(made.at("authorized_collection_actions").at("managed-groups") ==
          Json({"create", "list"}));
    CHECK_FALSE(made.contains("is_primary"));
    const auto id = text(made, "id");
    server.changed("scopes/o_1234567890", "", R"("primary_auth_method_id":")" + id + "\"");
    CHECK(server.get("/v1/auth-methods/" + id, server.admin).at("is_primary") == true);
    const auto account = [&](const std::string& password) {
        return server.call(
            "POST", "/v1/accounts", server.admin,
            R"({"auth_method_id":")" + id +
                R"(","type":"password","attributes":{"login_name":"kim","password":")" + password +
                "\"}}");
    };
    const auto refused = account("password");
    CHECK(refused.status == 500); // upstream's own answer
    CHECK(text(*refused.body, "kind") == "Internal");
    CHECK(account("a longer password").status == 200);
    CHECK(server.change("scopes/o_1234567890", "", R"("primary_auth_method_id":"ampw_1234567890")")
              .status == 400);
    CHECK(server.call("DELETE", "/v1/auth-methods/" + id, server.admin).status == 204);
    CHECK_FALSE(
        server.get("/v1/scopes/o_1234567890", server.admin).contains("primary_auth_method_id"));
}

TEST_CASE("an OIDC auth method is kept with its secret as an HMAC, and its state changes") {
    AdminFixture server;
    const auto made = server.make(
        "auth-methods",
        R"({"scope_id":"global","type":"oidc","attributes":{"issuer":"http://127.0.0.1:1/",)"
        R"("client_id":"c","client_secret":"hunter22","signing_algorithms":["RS256"],)"
        R"("api_url_prefix":"http://127.0.0.1:9200"}})");
    CHECK(agent::dump_json(made).find("hunter22") == std::string::npos);
    const auto& attributes = made.at("attributes");
    CHECK(text(attributes, "state") == "inactive");
    CHECK(text(attributes, "client_secret_hmac").size() == 43);
    CHECK(text(attributes, "callback_url") ==
          "http://127.0.0.1:9200/v1/auth-methods/oidc:authenticate:callback");
    const auto path = "auth-methods/" + text(made, "id");
    CHECK(made.at("authorized_actions") ==
          Json({"no-op", "read", "update", "delete", "change-state", "authenticate"}));
    const auto start = [&] {
        return server.call("POST", "/v1/" + path + ":authenticate", "", R"({"command":"start"})");
    };
    CHECK(text(start().body.value(), "kind") == "FailedPrecondition");
    CHECK(server.change(path, "change-state", R"("attributes":{"state":"on"})").status == 400);
    const auto active =
        server.changed(path, "change-state", R"("attributes":{"state":"active-public"})");
    CHECK(text(active.at("attributes"), "state") == "active-public");
    CHECK(start().status == 405);
    const auto before = text(attributes, "client_secret_hmac");
    const auto renamed = server.changed(path, "", R"("attributes":{"client_id":"d"})");
    CHECK(text(renamed.at("attributes"), "client_secret_hmac") == before);
    const auto changed = server.changed(path, "", R"("attributes":{"client_secret":"another"})");
    CHECK(text(changed.at("attributes"), "client_secret_hmac") != before);
}

TEST_CASE("what an auth method cannot be is a complaint about the field") {
    AdminFixture server;
    const auto refused = [&](const std::string& type, const std::string& attributes) {
        return server.call("POST", "/v1/auth-methods", server.admin,
                           R"({"scope_id":"global","type":")" + type + R"(","attributes":)" +
                               attributes + "}");
    };
    const auto bare = refused("oidc", "{}");
    CHECK(complaint(bare, "attributes.client_id") ==
          "Field required for creating an OIDC auth method.");
    CHECK(complaint(bare, "attributes.api_url_prefix") == "This field is required.");
    CHECK(complaint(refused("ldap", "{}"), "attributes.urls") == "At least one URL is required");
    CHECK(complaint(refused("ldap", R"({"urls":["ldap://x"],"nonsense":1})"), "attributes") ==
          "Attribute fields do not match the expected format.");
    for (const char* attributes :
         {"[]", "7", R"({"urls":"x"})", R"({"urls":[7]})", R"({"urls":[]})", R"({"urls":null})",
          R"({"urls":["x"],"state":"on"})", R"({"urls":["x"],"discover_dn":"yes"})",
          R"({"urls":["x"],"maximum_page_size":-1})",
          R"({"urls":["x"],"maximum_page_size":99999999999999999999})"}) {
        INFO(attributes);
        CHECK(refused("ldap", attributes).status == 400);
    }
    for (const char* attribute :
         {R"("state":"active-public")", R"("issuer":"ftp://x")", R"("callback_url":"http://x")",
          R"("signing_algorithms":["none"])", R"("prompts":["none","login"])"})
        CHECK(refused("oidc", R"({"client_id":"c","client_secret":"s",)"
                              R"("api_url_prefix":"http://x",)" +
                                  std::string(attribute) + "}")
                  .status == 400);
    CHECK(refused("kerberos", "{}").status == 400);
}

TEST_CASE("accounts and managed groups of LDAP and OIDC are data") {
    AdminFixture server;
    const auto ldap = text(
        server.make("auth-methods",
                    R"({"scope_id":"global","type":"ldap","attributes":{"urls":["ldap://x"]}})"),
        "id");
    const auto group =
        server.make("managed-groups", R"({"auth_method_id":")" + ldap +
                                          R"(","attributes":{"group_names":["admin","ops"]}})");
    CHECK(text(group, "id").starts_with("mgldap_"));
    CHECK(group.at("attributes").at("group_names") == Json({"admin", "ops"}));
    CHECK(
        server.get("/v1/managed-groups?auth_method_id=" + ldap, server.admin).at("items").size() ==
        1);
    CHECK(server
              .call("POST", "/v1/managed-groups", server.admin,
                    R"({"auth_method_id":"ampw_1234567890","attributes":{}})")
              .status == 400);
    const auto account =
        server.make("accounts", R"({"auth_method_id":")" + ldap +
                                    R"(","type":"ldap","attributes":{"login_name":"kim"}})");
    CHECK(text(account, "id").starts_with("acctldap_"));
    CHECK(account.at("authorized_actions") == Json({"no-op", "read", "update", "delete"}));
    const auto reply = server.call("POST", "/v1/auth-methods/" + ldap + ":authenticate", "",
                                   R"({"attributes":{"login_name":"kim","password":"x"}})");
    CHECK(reply.status == 401);
    CHECK(text(*reply.body, "message") == "Unable to authenticate.");
}

TEST_CASE("a new dev server lists an OIDC and an LDAP auth method beside its password method, each "
          "with accounts of the two users") {
    AdminFixture server;
    const auto listed = server.get("/v1/auth-methods?scope_id=global", server.admin).at("items");
    REQUIRE(listed.size() == 3);
    const auto method = [&](const std::string& id) {
        return server.get("/v1/auth-methods/" + id, server.admin);
    };
    CHECK(method("ampw_1234567890").at("is_primary") == true);
    const auto oidc = method("amoidc_1234567890");
    CHECK_FALSE(oidc.contains("is_primary"));
    CHECK(text(oidc, "name") == "Generated global scope initial oidc auth method");
    CHECK(text(oidc.at("attributes"), "state") == "active-public");
    CHECK(oidc.at("attributes").at("signing_algorithms") == Json({"EdDSA"}));
    CHECK(text(oidc.at("attributes"), "client_secret_hmac").size() == 43);
    CHECK(text(oidc.at("attributes"), "callback_url") ==
          "http://127.0.0.1:9200/v1/auth-methods/oidc:authenticate:callback");
    const auto ldap = method("amldap_1234567890");
    CHECK(text(ldap, "name") == "Generated global scope initial ldap auth method");
    CHECK(text(ldap.at("attributes"), "user_dn") == "ou=people,dc=example,dc=org");
    const auto account = server.get("/v1/accounts/acctoidc_0987654321", server.admin);
    CHECK(text(account.at("attributes"), "subject") == "user");
    CHECK(text(server.get("/v1/accounts/acctldap_1234567890", server.admin).at("attributes"),
               "login_name") == "admin");
    const auto admin = server.get("/v1/users/u_1234567890", server.admin);
    CHECK(admin.at("account_ids") ==
          Json({"acctldap_1234567890", "acctoidc_1234567890", "acctpw_1234567890"}));
    CHECK(text(admin, "primary_account_id") == "acctpw_1234567890");
    // they are data like any other
    server.changed("auth-methods/amoidc_1234567890", "", R"("attributes":{"max_age":60})");
    CHECK(server.call("DELETE", "/v1/auth-methods/amldap_1234567890", server.admin).status == 204);
    CHECK(server.get("/v1/users/u_1234567890", server.admin).at("account_ids").size() == 2);
}
