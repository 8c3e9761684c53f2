// The use cases that are one request: what they send, and what they make of the answer. Logins
// themselves are in login_test.cpp.

#include "agent/verbs/verbs.hpp"

#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/agent/agent_stage.hpp"

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// What a verb may take, without an agent.
struct Desk {
    explicit Desk(boost::asio::io_context& context)
        : logins(context.get_executor(), one_keyring()),
          controllers(context.get_executor(), logins, clusters), events(context.get_executor()),
          sessions(controllers, events, [this](const Json& session) { seen.push_back(session); }) {
        choice.settings = controller::settings_for(front.address()).value();
        choice.settings.timeout = 20s;
        log_in(choice.settings.address);
    }
    void log_in(const std::string& address) {
        Secret login(R"({"id": "at_1", "token": "at_1_secret", "user_id": "u_1",
                         "agentd_login_name": "ann"})");
        logins.borrow(keyring::Key{address, "default"}, std::move(login), std::nullopt, "pass");
    }
    void name_cluster(const std::string& name, const std::string& address) {
        const auto added = clusters.add(name, controller::settings_for(address).value());
        REQUIRE(added.has_value());
    }
    DirectedController front;
    state::StateStore store{":memory:"};
    Clusters clusters{store};
    keyring::Logins logins;
    Controllers controllers;
    EventHub events;
    std::vector<Json> seen;
    SessionCalls sessions;
    Proxies proxies;
    ClusterChoice choice;
};

using DeskStory = std::function<awaitable<void>(Desk&)>;
void at_desk(DeskStory story) {
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        Desk desk(context);
        desk.logins.start();
        co_await story(desk);
        co_await desk.logins.stop();
    });
}

} // namespace

TEST_CASE("verbs: what a path could take for something else is no id to read or delete") {
    at_desk([](Desk& desk) -> awaitable<void> {
        const std::vector<std::string> ids{"..", ".", "a/b", "a:cancel", "a\\b", "a\nb"};
        for (const auto& id : ids) {
            const auto got =
                co_await verbs::read(desk.controllers, desk.sessions, desk.choice, "targets", id);
            REQUIRE_FALSE(got.has_value());
            CHECK(got.error().code == Errc::invalid_argument);
            const auto gone =
                co_await verbs::delete_resource(desk.controllers, desk.choice, "targets", id);
            REQUIRE_FALSE(gone.has_value());
            CHECK(gone.error().code == Errc::invalid_argument);
        }
        CHECK(desk.front.count("/v1/") == 0);
    });
}

TEST_CASE("verbs: a read session is shown to whoever carries sessions, another resource is not") {
    at_desk([](Desk& desk) -> awaitable<void> {
        const std::string id = desk.front.make("ttcp_1");
        const auto session =
            co_await verbs::read(desk.controllers, desk.sessions, desk.choice, "sessions", id);
        REQUIRE(session.has_value());
        REQUIRE(desk.seen.size() == 1);
        CHECK(string_member(desk.seen[0], "id") == id);
        const auto self = co_await verbs::read(desk.controllers, desk.sessions, desk.choice,
                                               "auth-tokens", "self");
        CHECK(self.has_value());
        CHECK(desk.front.count("GET /v1/auth-tokens/at_1 ") == 1);
        CHECK(desk.seen.size() == 1);
    });
}

TEST_CASE("verbs: what names no resource, or nothing in it, is not sent") {
    at_desk([](Desk& desk) -> awaitable<void> {
        const auto unknown =
            co_await verbs::delete_resource(desk.controllers, desk.choice, "sandwiches", "s_1");
        REQUIRE_FALSE(unknown.has_value());
        CHECK(unknown.error().code == Errc::invalid_argument);
        const auto empty =
            co_await verbs::read(desk.controllers, desk.sessions, desk.choice, "targets", "");
        CHECK_FALSE(empty.has_value());
        ListOptions hosts;
        hosts.resource = "hosts";
        const auto homeless = co_await verbs::list(desk.controllers, desk.choice, hosts, nullptr);
        REQUIRE_FALSE(homeless.has_value());
        CHECK(homeless.error().message.find("host_catalog_id") != std::string::npos);
        CHECK(desk.front.count("/v1/") == 0);
    });
}

TEST_CASE("verbs: a recursive list that is refused may be a dead login's, and says how to tell") {
    at_desk([](Desk& desk) -> awaitable<void> {
        desk.front.answer("/v1/targets?", 403);
        ListOptions options;
        options.resource = "targets";
        options.recursive = true;
        const auto refused = co_await verbs::list(desk.controllers, desk.choice, options, nullptr);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().hint.find("auth-tokens read -id self") != std::string::npos);
        desk.choice.use_stored_login = false;
        const auto anonymous =
            co_await verbs::list(desk.controllers, desk.choice, options, nullptr);
        REQUIRE_FALSE(anonymous.has_value());
        CHECK(anonymous.error().hint.starts_with("there is no login for "));
    });
}

TEST_CASE(
    "verbs: what is forwarded comes back with any status, and a canceled session is noticed") {
    at_desk([](Desk& desk) -> awaitable<void> {
        ForwardOptions options;
        options.method = "GET";
        options.path = "/v1/nothing";
        const auto none =
            co_await verbs::forward(desk.controllers, desk.sessions, desk.choice, options);
        REQUIRE(none.has_value());
        CHECK(none->status == 404);
        CHECK(desk.seen.empty());
        options.method = "POST";
        options.path = "/v1/sessions/" + desk.front.make("ttcp_1") + ":cancel";
        const auto canceled =
            co_await verbs::forward(desk.controllers, desk.sessions, desk.choice, options);
        REQUIRE(canceled.has_value());
        REQUIRE(desk.seen.size() == 1);
        CHECK(string_member(desk.seen[0], "status") == "canceling");
    });
}

TEST_CASE("verbs: a cancel that meets another version reads the session anew, once") {
    at_desk([](Desk& desk) -> awaitable<void> {
        const std::string id = desk.front.make("ttcp_1");
        desk.front.answer(":cancel", 500);
        const auto refused = co_await desk.sessions.cancel(desk.choice, id, std::nullopt);
        CHECK_FALSE(refused.has_value());
        CHECK(desk.front.count("GET /v1/sessions/" + id) == 2);
        CHECK(desk.front.count(id + ":cancel") == 2);
        const auto chosen = co_await desk.sessions.cancel(desk.choice, id, 7);
        CHECK_FALSE(chosen.has_value());
        CHECK(desk.front.count(id + ":cancel") == 3);
        CHECK(desk.front.count("GET /v1/sessions/" + id) == 2);
    });
}

TEST_CASE("verbs: logout forgets a login that is dead already, and keeps one that may live on") {
    const auto [status, kept] = GENERATE(table<int, bool>(
        {{200, false}, {401, false}, {403, false}, {404, false}, {429, true}, {500, true}}));
    at_desk([status = status, kept = kept](Desk& desk) -> awaitable<void> {
        desk.front.answer("DELETE /v1/auth-tokens/at_1 ", status);
        const auto done = co_await verbs::logout(desk.controllers, desk.logins, desk.choice);
        CHECK(done.has_value() == !kept);
        CHECK(desk.logins.list().size() == (kept ? 1U : 0U));
    });
}

TEST_CASE("verbs: logout with a caller's token leaves the login that is held") {
    at_desk([](Desk& desk) -> awaitable<void> {
        desk.choice.token = Secret("at_2_mine");
        const auto done = co_await verbs::logout(desk.controllers, desk.logins, desk.choice);
        REQUIRE(done.has_value());
        CHECK(done->found);
        CHECK(desk.front.count("DELETE /v1/auth-tokens/at_2 ") == 1);
        CHECK(desk.logins.list().size() == 1);
    });
}

TEST_CASE(
    "verbs: an alias is looked for in every cluster one is signed in to; two that know it, or "
    "one that does not answer, are an error") {
    at_desk([](Desk& desk) -> awaitable<void> {
        DirectedController other;
        desk.name_cluster("here", desk.front.address());
        desk.name_cluster("there", other.address());
        TargetOptions alias;
        alias.target = "pg.example";
        const auto only = co_await verbs::locate(desk.controllers, desk.logins, desk.clusters,
                                                 desk.choice, alias);
        REQUIRE(only.has_value()); // signed in to one: nobody is asked
        CHECK(other.count("/v1/") == 0);

        desk.log_in(controller::settings_for(other.address()).value().address);
        other.answer("/v1/targets/pg.example", 200);
        const auto there = co_await verbs::locate(desk.controllers, desk.logins, desk.clusters,
                                                  desk.choice, alias);
        REQUIRE(there.has_value());
        CHECK(there->cluster_name == "there");
        CHECK(there->settings.timeout == 20s);

        desk.front.answer("/v1/targets/pg.example", 503);
        const auto silent = co_await verbs::locate(desk.controllers, desk.logins, desk.clusters,
                                                   desk.choice, alias);
        REQUIRE_FALSE(silent.has_value());
        CHECK(silent.error().message.find("one did not answer") != std::string::npos);

        desk.front.answer("/v1/targets/pg.example", 200);
        const auto both = co_await verbs::locate(desk.controllers, desk.logins, desk.clusters,
                                                 desk.choice, alias);
        REQUIRE_FALSE(both.has_value());
        CHECK(both.error().message.find("in cluster here") != std::string::npos);
        CHECK(both.error().message.find("in cluster there") != std::string::npos);

        desk.choice.named = true;
        const auto named = co_await verbs::locate(desk.controllers, desk.logins, desk.clusters,
                                                  desk.choice, alias);
        CHECK(named.has_value());
    });
}

TEST_CASE(
    "verbs: a cluster says who is signed in, and is not removed while somebody or a proxy is") {
    at_desk([](Desk& desk) -> awaitable<void> {
        const std::string here = desk.choice.settings.address;
        desk.name_cluster("here", desk.front.address());
        desk.log_in("https://nameless.example");
        const auto states = co_await verbs::cluster_states(desk.logins, desk.clusters);
        REQUIRE(states.size() == 2);
        CHECK(states[0].name == "here");
        CHECK(states[0].state == model::ClusterState::signed_in);
        CHECK(states[0].signed_in_as == "ann");
        CHECK(states[1].name.empty());
        CHECK(states[1].address == "https://nameless.example");
        const auto status =
            co_await verbs::status(desk.logins, desk.clusters, desk.store, desk.proxies);
        REQUIRE(status.logins.size() == 2);

        const auto login =
            co_await verbs::remove_cluster(desk.logins, desk.clusters, desk.proxies, "here");
        REQUIRE_FALSE(login.has_value());
        CHECK(login.error().hop == Hop::login);
        const keyring::Key key{here, "default"};
        const auto removed = co_await desk.logins.remove(key);
        REQUIRE(removed.has_value());
        auto proxy = std::make_shared<ManagedProxy>(co_await boost::asio::this_coro::executor);
        proxy->status.name = "pg";
        proxy->status.cluster = here;
        desk.proxies.add(proxy);
        const auto used =
            co_await verbs::remove_cluster(desk.logins, desk.clusters, desk.proxies, "here");
        REQUIRE_FALSE(used.has_value());
        CHECK(used.error().hint.find("agentctl disconnect pg") != std::string::npos);
        desk.proxies.remove(*proxy);
        const auto gone =
            co_await verbs::remove_cluster(desk.logins, desk.clusters, desk.proxies, "here");
        CHECK(gone.has_value());
        CHECK(desk.clusters.list().empty());
    });
}

TEST_CASE(
    "verbs: a typed request goes once with the login; a refusal is the controller's error, and "
    "a canceled session is noticed") {
    at_desk([](Desk& desk) -> awaitable<void> {
        ApiOptions options;
        options.operation = "action";
        options.collection = "sessions";
        options.id = desk.front.make("ttcp_1");
        options.action = "cancel";
        const auto canceled =
            co_await verbs::call_api(desk.controllers, desk.sessions, desk.choice, options);
        REQUIRE(canceled.has_value());
        REQUIRE(desk.seen.size() == 1);
        CHECK(string_member(desk.seen[0], "status") == "canceling");
        desk.front.answer("POST /v1/groups", 503);
        ApiOptions create;
        create.operation = "create";
        create.collection = "groups";
        desk.choice.settings.max_retries = 3;
        const auto refused =
            co_await verbs::call_api(desk.controllers, desk.sessions, desk.choice, create);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == Errc::controller_error);
        CHECK(refused.error().status == 503);
        CHECK(desk.front.count("POST /v1/groups") == 1);
    });
}
