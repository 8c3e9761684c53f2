#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

namespace {

std::vector<std::string> role_names(AdminFixture& server, const std::string& scope) {
    std::vector<std::string> names;
    const auto list = server.get("/v1/roles?scope_id=" + scope, server.admin);
    if (const Json* items = agent::find_member(list, "items"))
        for (const auto& item : *items) names.push_back(text(item, "name"));
    std::ranges::sort(names);
    return names;
}

} // namespace

TEST_CASE("a new scope begins with its default roles, unless they are skipped") {
    AdminFixture server;
    const auto org = text(server.make("scopes", R"({"scope_id":"global"})"), "id");
    CHECK(role_names(server, org) ==
          std::vector<std::string>{"Administration", "Login and Default Grants"});
    const auto project =
        text(server.make("scopes?skip_admin_role_creation=true", R"({"scope_id":")" + org + "\"}"),
             "id");
    CHECK(role_names(server, project) == std::vector<std::string>{"Default Grants"});
    const auto bare = text(server.make("scopes?skip_admin_role_creation=true&"
                                       "skip_default_role_creation=true",
                                       R"({"scope_id":")" + org + "\"}"),
                           "id");
    CHECK(role_names(server, bare).empty());
    CHECK(server.call("DELETE", "/v1/scopes/" + org, server.admin).status == 204);
    CHECK(server.call("GET", "/v1/scopes/" + bare, server.admin).status == 404);
}

TEST_CASE("scopes have the actions of the reference; policies are an Enterprise feature") {
    AdminFixture server;
    const auto org = server.get("/v1/scopes/o_1234567890", server.admin);
    CHECK(org.at("authorized_actions") == Json({"no-op", "read", "update", "delete",
                                                "attach-storage-policy", "detach-storage-policy"}));
    const auto project = server.get("/v1/scopes/p_1234567890", server.admin);
    CHECK(project.at("authorized_actions") == Json({"no-op", "read", "update", "delete"}));
    CHECK(project.at("authorized_collection_actions").at("scopes") ==
          Json({"list-keys", "rotate-keys", "list-key-version-destruction-jobs",
                "destroy-key-version"}));
    const auto policy =
        server.call("POST", "/v1/scopes/o_1234567890:attach-storage-policy", server.admin, "{}");
    CHECK(policy.status == 405);
    CHECK(text(*policy.body, "kind") == "Unimplemented");
    CHECK(server.call("DELETE", "/v1/scopes/global", server.admin).status == 400);
}

TEST_CASE("keys of a scope are listed, rotated, and an old version is destroyed at once") {
    AdminFixture server;
    const std::string path = "/v1/scopes/o_1234567890:list-keys";
    const auto first = server.get(path, server.admin).at("items");
    REQUIRE(first.size() == 7);
    CHECK(first == server.get(path, server.admin).at("items"));
    const auto old = text(first.at(0).at("versions").at(0), "id");
    const std::string scope = R"({"scope_id":"o_1234567890")";
    const auto destroy = [&](const std::string& id) {
        return server.call("POST", "/v1/scopes:destroy-key-version", server.admin,
                           scope + R"(,"key_version_id":")" + id + "\"}");
    };
    CHECK(destroy(old).status == 400);
    CHECK(server.call("POST", "/v1/scopes:rotate-keys", server.admin, scope + "}").status == 200);
    const auto second = server.get(path, server.admin).at("items");
    REQUIRE(second.at(0).at("versions").size() == 2);
    CHECK(second.at(0).at("versions").at(0).at("version") == 2);
    CHECK(text(second.at(0).at("versions").at(1), "id") == old);
    CHECK(text(destroy(old).body.value(), "state") == "completed");
    CHECK(destroy(old).status == 404);
    CHECK(destroy("' OR 1=1").status == 400);
    CHECK(server.get(path, server.admin).at("items").at(0).at("versions").size() == 1);
    CHECK(
        server
            .call("GET", "/v1/scopes/o_1234567890:list-key-version-destruction-jobs", server.admin)
            .status == 200);
    const auto user = server.log_in("user");
    CHECK(server.call("GET", path, user).status == 403);
    CHECK(server.call("POST", "/v1/scopes:rotate-keys", user, scope + "}").status == 403);
    CHECK(server.call("POST", "/v1/scopes:rotate-keys", server.admin, "{}").status == 400);
    CHECK(server.call("GET", "/v1/scopes:rotate-keys", server.admin).status == 405);
}
