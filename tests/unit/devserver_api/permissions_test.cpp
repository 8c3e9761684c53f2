// Grants decide every call: what roles say is what happens, at once.

#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

namespace {

constexpr const char* authorize_path = "/v1/targets/ttcp_1234567890:authorize-session";

} // namespace

TEST_CASE("everybody's authorize-session can be taken away, and given back to one group") {
    AdminFixture server;
    const auto user = server.log_in("user");
    REQUIRE(server.call("POST", authorize_path, user, "{}").status == 200);
    const auto everybody = "roles/" + server.role("Authenticated User Grants");
    server.changed(everybody, "remove-grants",
                   R"("grant_strings":["ids=*;type=target;actions=list,read,authorize-session"])");
    CHECK(server.call("POST", authorize_path, user, "{}").status == 403);
    CHECK(server.call("GET", "/v1/targets/ttcp_1234567890", user).status == 403);
    CHECK(server.call("POST", authorize_path, server.admin, "{}").status == 200);

    const auto group = text(server.make("groups", R"({"scope_id":"global"})"), "id");
    server.changed("groups/" + group, "add-members", R"("member_ids":["u_0987654321"])");
    const auto role = "roles/" + text(server.make("roles", R"({"scope_id":"p_1234567890"})"), "id");
    server.changed(role, "add-principals", R"("principal_ids":[")" + group + "\"]");
    server.changed(role, "add-grants",
                   R"("grant_strings":["ids=ttcp_1234567890;actions=authorize-session"])");
    CHECK(server.call("POST", authorize_path, user, "{}").status == 200);
    CHECK(server.call("POST", "/v1/targets/ttcp_0987654321:authorize-session", user, "{}").status ==
          403);
    server.changed("groups/" + group, "set-members", R"("member_ids":null)");
    CHECK(server.call("POST", authorize_path, user, "{}").status == 403);
}

TEST_CASE("authorized actions of items and of collections are those that are granted") {
    AdminFixture server;
    const auto user = server.log_in("user");
    const auto role = "roles/" + text(server.make("roles", R"({"scope_id":"p_1234567890"})"), "id");
    server.changed(role, "add-principals", R"("principal_ids":["u_0987654321"])");
    server.changed(
        role, "add-grants",
        R"("grant_strings":["ids=*;type=target;actions=update","type=host-catalog;actions=create"])");
    const auto target = server.get("/v1/targets/ttcp_1234567890", user);
    CHECK(target.at("authorized_actions") == Json({"read", "update", "authorize-session"}));
    const auto project = server.get("/v1/scopes/p_1234567890", user);
    CHECK(agent::dump_json(project.at("authorized_collection_actions")) ==
          R"({"host-catalogs":["create"],"sessions":["list"],"targets":["list"]})");
    CHECK(server
              .call("POST", "/v1/host-catalogs", user,
                    R"({"scope_id":"p_1234567890","type":"static"})")
              .status == 200);
    CHECK(server.call("GET", "/v1/host-catalogs?scope_id=p_1234567890", user).status == 403);
}

TEST_CASE("a list shows the items that something is granted on, a recursive one the scopes too") {
    AdminFixture server;
    const auto user = server.log_in("user");
    const auto everybody = "roles/" + server.role("Authenticated User Grants");
    server.changed(
        everybody, "set-grants",
        R"("grant_strings":["type=target;actions=list","ids=ttcp_0987654321;actions=read"])");
    const auto list = server.get("/v1/targets?scope_id=global&recursive=true", user);
    REQUIRE(list.at("items").size() == 1);
    CHECK(text(list.at("items").at(0), "id") == "ttcp_0987654321");
    CHECK(list.at("items").at(0).at("authorized_actions") == Json::array({"read"}));
    server.changed(everybody, "set-grants", R"("grant_strings":["type=group;actions=list"])");
    CHECK(server.call("GET", "/v1/targets?scope_id=global&recursive=true", user).status == 403);
    CHECK(server.call("GET", "/v1/targets?scope_id=p_1234567890", user).status == 403);
}

TEST_CASE("output fields of a grant are all that an item shows") {
    AdminFixture server;
    const auto user = server.log_in("user");
    const auto everybody = "roles/" + server.role("Authenticated User Grants");
    server.changed(
        everybody, "add-grants",
        R"("grant_strings":["ids=*;type=target;actions=read;output_fields=id,version"])");
    CHECK(agent::dump_json(server.get("/v1/targets/ttcp_1234567890", user)) ==
          R"({"id":"ttcp_1234567890","version":1})");
}

TEST_CASE("a list token ends with the grants it was made under") {
    AdminFixture server;
    const auto user = server.log_in("user");
    const std::string targets = "/v1/targets?scope_id=global&recursive=true";
    const auto token = text(server.get(targets, user), "list_token");
    CHECK(server.call("GET", targets + "&list_token=" + token, user).status == 200);
    server.changed("roles/" + server.role("Authenticated User Grants"), "add-grants",
                   R"("grant_strings":["type=group;actions=list"])");
    CHECK(text(server.get(targets + "&list_token=" + token, user), "kind") == "invalid list token");
}

TEST_CASE("self grants show a user its own sessions, and whole ones everybody's") {
    AdminFixture server;
    const auto user = server.log_in("user");
    server.authorize(server.admin);
    const auto own = text(server.authorize(user), "session_id");
    const std::string sessions = "/v1/sessions?scope_id=p_1234567890";
    const auto list = server.get(sessions, user);
    REQUIRE(list.at("items").size() == 1);
    CHECK(list.at("items").at(0).at("authorized_actions") == Json({"read:self", "cancel:self"}));
    server.changed("roles/" + server.role("Authenticated User Grants"), "add-grants",
                   R"("grant_strings":["ids=*;type=session;actions=read"])");
    const auto all = server.get(sessions, user);
    REQUIRE(all.at("items").size() == 2);
    for (const auto& item : all.at("items"))
        CHECK(item.at("authorized_actions") == (text(item, "id") == own
                                                    ? Json({"read", "read:self", "cancel:self"})
                                                    : Json({"read", "read:self"})));
}

TEST_CASE("without the grants of a login nobody logs in") {
    AdminFixture server;
    server.changed("roles/" + server.role("Login Grants"), "set-grants", R"("grant_strings":null)");
    const auto reply =
        server.call("POST", "/v1/auth-methods/ampw_1234567890:authenticate", "",
                    R"({"attributes":{"login_name":"admin","password":"password"}})");
    CHECK(reply.status == 401);
    CHECK(server.call("GET", "/v1/scopes?scope_id=global").status == 401);
}

TEST_CASE("a role whose grants are no grants gives nothing, and harms nothing") {
    AdminFixture server;
    auto role = server.store.resources.find(server.role("Login Grants")).value();
    role.extra["grant_strings"] = Json::array({"nonsense", 7});
    server.store.resources.update(role);
    CHECK(server.call("GET", "/v1/scopes?scope_id=global").status == 401);
    CHECK(server.call("GET", "/v1/users?scope_id=global", server.admin).status == 200);
}
