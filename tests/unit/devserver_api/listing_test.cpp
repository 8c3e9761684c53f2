#include "support/catch.hpp"
#include "unit/devserver_api/api_fixture.hpp"

#include <set>

using namespace devserver;
using namespace devserver::test;
using namespace std::chrono_literals;

namespace {

std::string add_target(ApiFixture& server, const std::string& token, const std::string& name) {
    const auto reply = server.call("POST", "/v1/targets", token,
                                   R"({"type":"tcp","scope_id":"p_1234567890","name":")" + name +
                                       R"(","attributes":{"default_port":22}})");
    REQUIRE(reply.status == 200);
    return text(*reply.body, "id");
}

constexpr const char* targets = "/v1/targets?scope_id=global&recursive=true";

} // namespace

TEST_CASE("2,500 targets come in pages of at most 1000, each once, newest first") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    Transaction quick(server.store.database);
    for (int i = 0; i < 2497; ++i) {
        if (i % 3 == 0) server.pass(1us); // many share a time: the id decides
        add_target(server, admin, "t" + std::to_string(i));
    }
    quick.commit();
    std::set<std::string> seen;
    std::string token;
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const auto page =
            server.get(targets + (token.empty() ? "" : "&list_token=" + token), admin);
        for (const auto& item : page.at("items")) {
            CHECK(seen.insert(text(item, "id")).second);
            CHECK(text(item, "created_time").size() >= 20);
        }
        CHECK(page.at("items").size() <= 1000);
        CHECK(page.at("est_item_count") == 2500);
        CHECK(text(page, "sort_by") == "created_time");
        more = text(page, "response_type") == "delta";
        token = text(page, "list_token");
    }
    CHECK(pages == 3);
    CHECK(seen.size() == 2500);
}

TEST_CASE("a refresh brings what changed and the ids of what was deleted, in pages too") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto doomed = add_target(server, admin, "doomed");
    const auto first = server.get(targets, admin);
    server.pass(1h);
    const auto quiet = server.get(targets + ("&list_token=" + text(first, "list_token")), admin);
    CHECK(text(quiet, "sort_by") == "updated_time");

    server.pass(1h);
    CHECK(server.call("DELETE", "/v1/targets/" + doomed, admin).status == 204);
    const auto one = add_target(server, admin, "one");
    server.pass(1s);
    const auto two = add_target(server, admin, "two");
    server.pass(1s);
    const auto page =
        server.get(targets + ("&page_size=1&list_token=" + text(quiet, "list_token")), admin);
    CHECK(text(page, "response_type") == "delta");
    CHECK(text(page.at("items").at(0), "id") == two);
    const auto rest =
        server.get(targets + ("&page_size=1&list_token=" + text(page, "list_token")), admin);
    CHECK(text(rest, "response_type") == "complete");
    CHECK(text(rest.at("items").at(0), "id") == one);
    CHECK(rest.at("removed_ids") == Json::array({doomed}));

    // nothing new, but a refresh looks back 30 seconds further than the last one
    const auto again = server.get(targets + ("&list_token=" + text(rest, "list_token")), admin);
    CHECK(again.at("items").size() == 2);
    server.pass(1h);
    const auto later = server.get(targets + ("&list_token=" + text(again, "list_token")), admin);
    server.pass(1h);
    const auto nothing = server.get(targets + ("&list_token=" + text(later, "list_token")), admin);
    CHECK_FALSE(nothing.contains("items"));
    CHECK_FALSE(nothing.contains("removed_ids"));
    CHECK_FALSE(text(nothing, "list_token").empty());
}

TEST_CASE(
    "a list token that is broken, old, or of another list or caller is refused by its own kind") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto user = server.log_in("user");
    const auto good = text(server.get(targets, admin), "list_token");
    const auto kind = [&](const std::string& target, const std::string& token) {
        const auto reply = server.call("GET", target, token);
        CHECK(reply.status == 400);
        return text(reply.body.value(), "kind");
    };
    auto forged = good;
    forged.back() = forged.back() == 'x' ? 'y' : 'x';
    CHECK(kind(std::string(targets) + "&list_token=nonsense", admin) == "invalid list token");
    CHECK(kind(targets + ("&list_token=" + forged), admin) == "invalid list token");
    CHECK(kind("/v1/sessions?scope_id=global&recursive=true&list_token=" + good, admin) ==
          "invalid list token");
    CHECK(kind(targets + ("&list_token=" + good), user) == "invalid list token");
    server.pass(24h * 31);
    const auto fresh = server.log_in("admin");
    CHECK(kind(targets + ("&list_token=" + good), fresh) == "invalid list token");
}

TEST_CASE("an empty list has neither items nor a token") {
    ApiFixture server;
    const auto reply = server.get("/v1/sessions?scope_id=p_1234567890", server.log_in("admin"));
    CHECK_FALSE(reply.contains("items"));
    CHECK_FALSE(reply.contains("list_token"));
    CHECK(text(reply, "response_type") == "complete");
}

TEST_CASE("a filter chooses items; a broken one is a complaint about its field") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto found = server.get(
        targets + std::string("&filter=%22%2Fitem%2Fid%22+%3D%3D+%22ttcp_0987654321%22"), admin);
    REQUIRE(found.contains("items"));
    REQUIRE(found.at("items").size() == 1);
    CHECK(text(found.at("items").at(0), "id") == "ttcp_0987654321");
    const auto broken = server.call("GET", targets + std::string("&filter=%3D%3D"), admin);
    CHECK(broken.status == 400);
    CHECK(text(broken.body->at("details").at("request_fields").at(0), "name") == "filter");
}

TEST_CASE("a list without a scope, with a malformed or an unknown one") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto none = server.call("GET", "/v1/targets", admin);
    CHECK(none.status == 400);
    CHECK(
        agent::dump_json(*none.body) ==
        R"({"kind":"InvalidArgument","message":"Improperly formatted identifier.","details":{"request_fields":[{"name":"scope_id",)"
        R"("description":"This field must be a valid project scope ID or the list operation must be recursive."}]}})");
    CHECK(server.call("GET", "/v1/targets?scope_id=x_1", admin).status == 400);
    CHECK(server.call("GET", "/v1/targets?scope_id=o_1234567890", admin).status == 400);
    const auto unknown = server.call("GET", "/v1/sessions?scope_id=p_nosuchscop", admin);
    CHECK(unknown.status == 404);
    CHECK(agent::dump_json(*unknown.body) ==
          R"({"kind":"NotFound","message":"Resource not found."})");
}
