#include "unit/devserver_api/api_calls.hpp"

using namespace devserver;
using namespace devserver::test;

TEST_CASE("a worker made controller-led gets its activation token once") {
    AdminFixture server;
    const auto made = server.make("workers:create:controller-led",
                                  R"({"scope_id":"global","name":"walk-worker"})");
    CHECK(text(made, "controller_generated_activation_token").starts_with("neslat_"));
    CHECK(text(made, "type") == "pki");
    CHECK(made.at("active_connection_count") == 0);
    CHECK(text(made, "local_storage_state") == "unknown");
    CHECK_FALSE(made.contains("address"));
    const auto path = "/v1/workers/" + text(made, "id");
    CHECK_FALSE(server.get(path, server.admin).contains("controller_generated_activation_token"));
    CHECK(server.call("DELETE", path, server.admin).status == 204);
    const auto user = server.log_in("user");
    CHECK(server.call("POST", "/v1/workers:create:controller-led", user, R"({"scope_id":"global"})")
              .status == 403);
    CHECK(server.call("POST", "/v1/workers", server.admin, R"({"scope_id":"global"})").status ==
          405);
}

TEST_CASE("a worker made worker-led brings its own token; names are lower case") {
    AdminFixture server;
    const auto make = [&](const std::string& flow, const std::string& members) {
        return server.call("POST", "/v1/workers:create:" + flow, server.admin,
                           R"({"scope_id":"global")" + members + "}");
    };
    CHECK(complaint(make("worker-led", ""), "worker_generated_auth_token") ==
          "This field cannot be empty.");
    CHECK(make("worker-led", R"(,"worker_generated_auth_token":"0OIl")").status == 400);
    CHECK(make("worker-led", R"(,"worker_generated_auth_token":"abc")").status == 200);
    CHECK(make("controller-led", R"(,"worker_generated_auth_token":"abc")").status == 400);
    CHECK(complaint(make("controller-led", R"(,"name":"Upper")"), "name") ==
          "Name must be all lowercase.");
    CHECK(make("other-led", "").status == 400);
}

TEST_CASE("tags of the API are beside those of the configuration") {
    AdminFixture server;
    const std::string path = "workers/w_1234567890";
    const auto tagged = server.changed(path, "add-worker-tags",
                                       R"("api_tags":{"type":["dev","big"],"zone":["a"]})");
    CHECK(agent::dump_json(tagged.at("canonical_tags")) ==
          R"({"type":["dev","local","big"],"zone":["a"]})");
    CHECK(agent::dump_json(tagged.at("config_tags")) == R"({"type":["dev","local"]})");
    CHECK(agent::dump_json(tagged.at("api_tags")) == R"({"type":["dev","big"],"zone":["a"]})");
    const auto fewer = server.changed(path, "remove-worker-tags", R"("api_tags":{"zone":["a"]})");
    CHECK_FALSE(fewer.at("api_tags").contains("zone"));
    const auto none = server.changed(path, "set-worker-tags", R"("api_tags":null)");
    CHECK_FALSE(none.contains("api_tags"));
    for (const char* tags : {"null", "[]", "{}", "7", R"({"":["a"]})", R"({"a":[]})",
                             R"({"a":"b"})", R"({"a":[7]})", R"({"a":[""]})"}) {
        INFO(tags);
        CHECK(server.change(path, "add-worker-tags", R"("api_tags":)" + std::string(tags)).status ==
              400);
    }
}

TEST_CASE("the workers' certificate authority is read and made anew") {
    AdminFixture server;
    const std::string read = "/v1/workers:read-certificate-authority?scope_id=global";
    const auto certs = server.get(read, server.admin).at("certs");
    REQUIRE(certs.size() == 2);
    CHECK(text(certs.at(0), "id") == "current");
    CHECK(text(certs.at(1), "public_key_sha256").size() == 64);
    CHECK(server.get(read, server.admin).at("certs") == certs);
    const auto again = server.call(
        "POST", "/v1/workers:reinitialize-certificate-authority?scope_id=global", server.admin);
    CHECK(again.status == 200);
    CHECK(again.body->at("certs") != certs);
    CHECK(server.call("GET", "/v1/workers:read-certificate-authority", server.admin).status == 400);
    CHECK(server.call("GET", read, server.log_in("user")).status == 403);
}
