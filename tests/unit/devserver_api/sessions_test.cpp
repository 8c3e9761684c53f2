#include "boundary/session_authorization.hpp"
#include "devserver/store/list_query.hpp"
#include "support/catch.hpp"
#include "unit/devserver_api/api_fixture.hpp"

#include <set>

using namespace devserver;
using namespace devserver::test;
using namespace std::chrono_literals;

namespace {
const Secret tofu("01234567890123456789");

Reply cancel(ApiFixture& server, const std::string& token, const std::string& id, int version) {
    return server.call("POST", "/v1/sessions/" + id + ":cancel", token,
                       "{\"version\":" + std::to_string(version) + "}");
}
} // namespace

TEST_CASE("authorize-session answers with a token that names the worker, the endpoint and the "
          "certificate") {
    ApiFixture server;
    const auto reply = server.authorize(server.log_in("user"), "ttcp_0987654321");
    CHECK(text(reply, "endpoint") == "tcp://localhost:22");
    CHECK(text(reply, "host_id") == "hst_1234567890");
    const auto token =
        agent::boundary::decode_authorization_token(text(reply, "authorization_token"));
    REQUIRE(token.has_value());
    CHECK(token->session_id == text(reply, "session_id"));
    CHECK(token->workers == std::vector<std::string>{"127.0.0.1:9202"});
    CHECK(token->private_key.reveal().size() == 64);
    CHECK(token->connection_limit == -1);
    CHECK(agent::format_rfc3339(token->expiration.value()) == text(reply, "expiration"));
}

TEST_CASE("a target is found by id, by alias, and by name with a scope") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    CHECK(text(server.authorize(admin, "SSH.boundary.dev"), "endpoint") == "tcp://127.0.0.1:22");
    const std::string name = "Generated target with a direct address";
    const std::string path =
        "/v1/targets/Generated%20target%20with%20a%20direct%20address:authorize-session";
    for (const char* scope :
         {R"("scope_id":"p_1234567890")", R"("scope_name":"Generated project scope")"}) {
        const auto reply =
            server.call("POST", path, admin, R"({"name":")" + name + "\"," + scope + "}");
        CHECK(text(reply.body.value(), "target_id") == "ttcp_1234567890");
    }
    CHECK(server.call("POST", "/v1/targets/no.such.alias:authorize-session", admin, "{}").status ==
          404);
    CHECK(
        server.call("POST", path, admin, R"({"name":"other","scope_id":"p_1234567890"})").status ==
        400);
}

TEST_CASE("authorize-session checks the port, the sources and the host") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto status = [&](const std::string& id, const std::string& body) {
        return server.call("POST", "/v1/targets/" + id + ":authorize-session", admin, body).status;
    };
    const auto bare = server.call(
        "POST", "/v1/targets", admin,
        R"({"type":"tcp","scope_id":"p_1234567890","name":"bare","attributes":{"default_port":22}})");
    const auto id = text(bare.body.value(), "id");
    auto portless = server.store.resources.find(id).value();
    portless.extra.erase("default_port");
    server.store.resources.update(portless);
    CHECK(text(server.authorize(admin, id), "kind") == "FailedPrecondition");
    CHECK(server
              .call("PATCH", "/v1/targets/" + id, admin,
                    R"({"version":2,"attributes":{"default_port":22}})")
              .status == 200);
    CHECK(text(server.authorize(admin, id), "message") ==
          "No host sources or address found for given target.");
    CHECK(status("ttcp_0987654321", R"({"host_id":"hst_0000000000"})") == 400);
    CHECK(status("ttcp_0987654321", R"({"host_id":"hst_1234567890"})") == 200);
    CHECK(status("ttcp_1234567890", R"({"host_id":"hst_0000000000"})") == 200); // it has an address
    server.api.set_worker_addresses({});
    CHECK(text(server.authorize(admin), "message") ==
          "No workers are available to handle this session.");
}

TEST_CASE("without a wish every host of a target gets sessions") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto host =
        server.call("POST", "/v1/hosts", admin,
                    R"({"host_catalog_id":"hcst_1234567890","attributes":{"address":"10.0.0.1"}})");
    REQUIRE(host.status == 200);
    const auto id = text(*host.body, "id");
    REQUIRE(server
                .call("POST", "/v1/host-sets/hsst_1234567890:add-hosts", admin,
                      R"({"version":1,"host_ids":[")" + id + "\"]}")
                .status == 200);
    std::set<std::string> hosts;
    for (int i = 0; i < 60; ++i)
        hosts.insert(text(server.authorize(admin, "ttcp_0987654321"), "host_id"));
    CHECK(hosts == std::set<std::string>{"hst_1234567890", id});
}

TEST_CASE(
    "a session goes pending, active, canceling, terminated, and bumps its version each time") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    auto& sessions = server.store.sessions;
    std::vector<std::string> ended;
    sessions.on_ended = [&](const std::string& id) { ended.push_back(id); };
    const auto id = text(server.authorize(admin), "session_id");
    REQUIRE(sessions.activate_session(id, tofu, 1).has_value());
    CHECK_FALSE(sessions.activate_session(id, tofu, 2).has_value());
    const auto grant = sessions.authorize_connection(id);
    REQUIRE(grant.has_value());
    REQUIRE(sessions.connect_connection(grant->connection_id, {"127.0.0.1", 1, "127.0.0.1", 22})
                .has_value());
    CHECK(cancel(server, admin, id, 2).status == 200);
    CHECK(ended == std::vector<std::string>{id});
    sessions.close_connection(grant->connection_id, 7, 15);
    const auto item = server.get("/v1/sessions/" + id, admin);
    CHECK(item.at("version") == 4);
    CHECK(text(item, "termination_reason") == "canceled");
    std::string states;
    for (const auto& state : item.at("states"))
        states += text(state, "status") + (state.contains("end_time") ? " " : "* ");
    CHECK(states == "terminated* canceling active pending ");
    CHECK(
        agent::dump_json(item.at("connections")) ==
        R"([{"client_tcp_address":"127.0.0.1","client_tcp_port":1,"endpoint_tcp_address":"127.0.0.1","endpoint_tcp_port":22,)"
        R"("bytes_up":"7","bytes_down":"15","closed_reason":"unknown"}])");
    CHECK(cancel(server, admin, id, 1).status == 200); // over already: any version will do
    CHECK_FALSE(server.get("/v1/sessions?scope_id=p_1234567890", admin).contains("items"));
    CHECK(server.get("/v1/sessions?scope_id=p_1234567890&include_terminated=true", admin)
              .at("items")
              .size() == 1);
}

TEST_CASE("cancel with a wrong version is a 500, without one a 400") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto id = text(server.authorize(admin), "session_id");
    CHECK(cancel(server, admin, id, 2).status == 500);
    CHECK(cancel(server, admin, id, 0).status == 400);
    CHECK(
        server.call("POST", "/v1/sessions/" + id + ":cancel", admin, "{\"version\":null}").status ==
        400);
    CHECK(cancel(server, admin, "s_0000000000", 1).status == 404);
    CHECK(server.store.sessions.session_status(id) == SessionStatus::pending);
}

TEST_CASE("a user lists, reads and cancels only their own sessions") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto user = server.log_in("user");
    const auto theirs = text(server.authorize(admin), "session_id");
    const auto own = text(server.authorize(user), "session_id");
    const auto list = server.get("/v1/sessions?scope_id=global&recursive=true", user);
    REQUIRE(list.at("items").size() == 1);
    CHECK(text(list.at("items").at(0), "id") == own);
    CHECK(server.get("/v1/sessions?scope_id=global&recursive=true", admin).at("items").size() == 2);
    CHECK(server.call("GET", "/v1/sessions/" + theirs, user).status == 403);
    CHECK(cancel(server, user, theirs, 1).status == 403);
    CHECK(cancel(server, user, own, 1).status == 200);
}

TEST_CASE("logout, or deleting the user, target, host, host set or project, cancels the sessions") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto user = server.log_in("user");
    const auto path =
        GENERATE_COPY(as<std::string>{}, "auth-tokens/" + token_id(user), "users/u_0987654321",
                      "targets/ttcp_0987654321", "hosts/hst_1234567890",
                      "host-sets/hsst_1234567890", "scopes/p_1234567890");
    INFO(path);
    const auto id = text(server.authorize(user, "ttcp_0987654321"), "session_id");
    REQUIRE(server.call("DELETE", "/v1/" + path, admin).status == 204);
    CHECK(server.store.sessions.session_status(id) == SessionStatus::canceling);
    server.store.sessions.end_what_is_over();
    CHECK(server.store.sessions.session_status(id) == SessionStatus::terminated);
}

TEST_CASE("taking a target's address away cancels the sessions that lead to it, and no others") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    const auto by_address = text(server.authorize(admin, "ttcp_1234567890"), "session_id");
    const auto by_host = text(server.authorize(admin, "ttcp_0987654321"), "session_id");
    const auto renamed = server.call("PATCH", "/v1/targets/ttcp_1234567890", admin,
                                     R"({"version":1,"name":"other"})");
    CHECK(renamed.status == 200);
    CHECK(server.store.sessions.find(by_address)->status == "pending");
    CHECK(
        server
            .call("PATCH", "/v1/targets/ttcp_1234567890", admin, R"({"version":2,"address":null})")
            .status == 200);
    CHECK(server
              .call("PATCH", "/v1/targets/ttcp_0987654321", admin,
                    R"({"version":1,"name":"another"})")
              .status == 200);
    CHECK(server.store.sessions.find(by_address)->status == "canceling");
    CHECK(server.store.sessions.find(by_host)->status == "pending");
}

TEST_CASE("the connection limit counts every connection ever made, and ends the session when the "
          "last is closed") {
    ApiFixture server;
    const auto admin = server.log_in("admin");
    REQUIRE(server
                .call("PATCH", "/v1/targets/ttcp_1234567890", admin,
                      R"({"version":1,"session_connection_limit":2})")
                .status == 200);
    auto& sessions = server.store.sessions;
    const auto id = text(server.authorize(admin), "session_id");
    REQUIRE(sessions.activate_session(id, tofu, 1).has_value());
    const auto first = sessions.authorize_connection(id);
    REQUIRE(first.has_value());
    CHECK(first->connections_left == 1);
    sessions.close_connection(first->connection_id, 0, 0);
    CHECK(sessions.session_status(id) == SessionStatus::active);
    const auto second = sessions.authorize_connection(id);
    REQUIRE(second.has_value());
    CHECK(second->connections_left == 0);
    CHECK_FALSE(sessions.authorize_connection(id).has_value());
    sessions.close_connection(second->connection_id, 0, 0);
    CHECK(text(server.get("/v1/sessions/" + id, admin), "termination_reason") ==
          "connection limit");
}

TEST_CASE("a session nobody used times out; an hour after its end it is forgotten") {
    ApiFixture server;
    const auto id = text(server.authorize(server.log_in("admin")), "session_id");
    server.pass(8h);
    CHECK_FALSE(server.store.sessions.lookup_session(id).has_value());
    server.store.sessions.end_what_is_over();
    CHECK(server.store.sessions.find(id)->termination_reason == "timed out");
    server.pass(59min);
    server.store.sessions.forget_old();
    CHECK(server.store.sessions.find(id));
    server.pass(2min);
    server.store.sessions.forget_old();
    CHECK_FALSE(server.store.sessions.find(id));

    const auto removed = [&] { return removed_since(server.store.database, "session", {}); };
    CHECK(removed() == std::vector{id}); // for those who list by a token
    server.pass(24h * 30);
    server.store.sessions.forget_old();
    CHECK(removed() == std::vector{id});
    server.pass(24h * 2);
    server.store.sessions.forget_old();
    CHECK(removed().empty());
}
