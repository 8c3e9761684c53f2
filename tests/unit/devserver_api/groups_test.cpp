#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

TEST_CASE("a group's members are added, removed, replaced and cleared, each with a new version") {
    AdminFixture server;
    const auto group =
        text(server.make("groups", R"({"scope_id":"o_1234567890","name":"ops"})"), "id");
    const auto path = "groups/" + group;
    auto item = server.changed(path, "add-members", R"("member_ids":["u_1234567890","u_anon"])");
    CHECK(item.at("version") == 2);
    CHECK(item.at("member_ids") == Json({"u_1234567890", "u_anon"}));
    CHECK(agent::dump_json(item.at("members").at(0)) ==
          R"({"id":"u_1234567890","scope_id":"global"})");
    item = server.changed(path, "remove-members", R"("member_ids":["u_anon"])");
    CHECK(item.at("member_ids") == Json::array({"u_1234567890"}));
    item = server.changed(path, "set-members", R"("member_ids":["u_0987654321"])");
    CHECK(item.at("member_ids") == Json::array({"u_0987654321"}));
    item = server.changed(path, "set-members", R"("member_ids":null)");
    CHECK_FALSE(item.contains("member_ids"));
    CHECK(server.call("DELETE", "/v1/" + path, server.admin).status == 204);
    CHECK(server.call("GET", "/v1/" + path, server.admin).status == 404);
}

TEST_CASE("only users are members, by a version that is the present one, and never u_recovery") {
    AdminFixture server;
    const auto group = text(server.make("groups", R"({"scope_id":"global"})"), "id");
    const auto path = "groups/" + group;
    for (const char* members :
         {R"("member_ids":[])", R"("member_ids":"u_1234567890")", R"("member_ids":[7])",
          R"("member_ids":["g_1234567890"])", R"("member_ids":["ttcp_1234567890"])",
          R"("member_ids":["u_recovery"])", R"("member_ids":["u_' OR '1'='1"])"}) {
        INFO(members);
        CHECK(server.change(path, "add-members", members).status == 400);
    }
    CHECK(server
              .call("POST", "/v1/" + path + ":add-members", server.admin,
                    R"({"version":9,"member_ids":["u_1234567890"]})")
              .status == 404);
    CHECK(server.get("/v1/" + path, server.admin).at("version") == 1);
}
