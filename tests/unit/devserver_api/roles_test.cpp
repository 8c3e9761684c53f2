#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

TEST_CASE("a new role reaches its own scope; its grants are shown raw, canonical and as JSON") {
    AdminFixture server;
    auto item = server.make("roles", R"({"scope_id":"o_1234567890","name":"r"})");
    CHECK(item.at("grant_scope_ids") == Json::array({"this"}));
    const auto path = "roles/" + text(item, "id");
    item = server.changed(
        path, "add-grants",
        R"("grant_strings":["type=target;actions=list","ids=*;type=*;actions=read"])");
    CHECK(item.at("grant_strings") ==
          Json({"ids=*;type=*;actions=read", "type=target;actions=list"}));
    CHECK(agent::dump_json(item.at("grants").at(0)) ==
          R"({"raw":"ids=*;type=*;actions=read","canonical":"ids=*;type=*;actions=read",)"
          R"("json":{"ids":["*"],"type":"*","actions":["read"]}})");
    item = server.changed(path, "remove-grants", R"("grant_strings":["type=target;actions=list"])");
    CHECK(item.at("grants").size() == 1);
    item = server.changed(path, "set-grants", R"("grant_strings":null)");
    CHECK_FALSE(item.contains("grant_strings"));
    CHECK_FALSE(item.contains("grants"));
}

TEST_CASE("principals of a role are users first, then groups, from any scope") {
    AdminFixture server;
    const auto group = text(server.make("groups", R"({"scope_id":"global"})"), "id");
    const auto path = "roles/" + text(server.make("roles", R"({"scope_id":"o_1234567890"})"), "id");
    const auto item =
        server.changed(path, "add-principals", R"("principal_ids":[")" + group + R"(","u_anon"])");
    CHECK(item.at("principal_ids") == Json({"u_anon", group}));
    CHECK(agent::dump_json(item.at("principals").at(1)) ==
          R"({"id":")" + group + R"(","type":"group","scope_id":"global"})");
    CHECK(server.change(path, "add-principals", R"("principal_ids":["u_recovery"])").status == 400);
}

TEST_CASE("grant scopes that a role's own scope cannot reach are refused") {
    AdminFixture server;
    const auto role = [&](const std::string& scope) {
        return "roles/" + text(server.make("roles", R"({"scope_id":")" + scope + "\"}"), "id");
    };
    const auto set = [&](const std::string& path, const std::string& scope) {
        return server.change(path, "set-grant-scopes", R"("grant_scope_ids":[")" + scope + "\"]")
            .status;
    };
    const auto global = role("global");
    for (const char* scope : {"this", "global", "children", "descendants", "p_1234567890"})
        CHECK(set(global, scope) == 200);
    const auto org = role("o_1234567890");
    for (const char* scope : {"this", "o_1234567890", "children", "p_1234567890"})
        CHECK(set(org, scope) == 200);
    for (const char* scope : {"descendants", "global", "p_0000000000", "x", ""})
        CHECK(set(org, scope) == 400);
    const auto project = role("p_1234567890");
    CHECK(set(project, "p_1234567890") == 200);
    CHECK(set(project, "children") == 400);
    const auto item = server.get("/v1/" + project, server.admin);
    CHECK(item.at("grant_scope_ids") == Json::array({"this"}));
}

TEST_CASE("a grant that is no grant is a complaint that quotes it") {
    AdminFixture server;
    const auto path = "roles/" + text(server.make("roles", R"({"scope_id":"global"})"), "id");
    const auto add = [&](const std::string& list) {
        return server.change(path, "add-grants", R"("grant_strings":)" + list);
    };
    CHECK(complaint(add(R"(["what=is this"])"), "grant_strings") ==
          "Improperly formatted grant \"what=is this\": missing actions.");
    CHECK(complaint(add(R"(["id=*;type=target;actions=read"])"), "grant_strings")
              .find("no longer supported") != std::string::npos);
    for (const char* list :
         {"[]", "null", "7", "[7]", R"([""])", R"(["'; DROP TABLE resource; --"])"}) {
        INFO(list);
        CHECK(add(list).status == 400);
    }
    CHECK(server.change(path, "remove-grants", R"("grant_strings":["ids=*;type=*;actions=*"])")
              .status == 400);
}
