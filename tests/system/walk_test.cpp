// The main job, as the user's own document walks it, in its current and old spellings.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/exposed.hpp"
#include "support/loopback_server.hpp"

#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Opens a connection through the proxy and waits for an echo, so that it is known to be up.
agent::UniqueFd speaking(std::uint16_t port) {
    auto fd = connect_loopback(port);
    REQUIRE(fd);
    REQUIRE(send_all(fd.get(), "hello\n"));
    REQUIRE(receive_exactly(fd.get(), 6) == "hello\n");
    return fd;
}

std::string status_of(DevEnvironment& world, const std::string& session) {
    return world.agentctl_json({"sessions", "read", "-id", session})
        .at("item")
        .at("status")
        .get<std::string>();
}

} // namespace

TEST_CASE(
    "walk: authorize, proxy, list, read, cancel; live connections are cut within 2.5 seconds") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();

    const auto authorize = GENERATE(std::string("authorize"), std::string("authorize-session"));
    const auto authorized =
        world.agentctl_json({"targets", authorize, "-id", target_id}).at("item");
    const auto session = authorized.at("session_id").get<std::string>();
    const auto token = authorized.at("authorization_token").get<std::string>();
    CHECK(authorized.at("endpoint") == "tcp://" + target.address());
    CHECK(status_of(world, session) == "pending");

    const bool old = authorize == "authorize-session";
    auto proxy = old ? world.start_agentctl({"connect", "-authz-token", token, "-format", "json"})
                     : world.start_agentctl({"proxy", "-authz", token, "-format", "json"});
    REQUIRE(proxy.wait_for("\n"));
    const auto listening = agent::Json::parse(proxy.out());
    CHECK(listening.at("address") == "127.0.0.1");
    CHECK(listening.at("session_id") == session);
    const auto connection = speaking(listening.at("port").get<std::uint16_t>());
    CHECK(exposing({token}) == std::vector<std::string>());

    const auto listed =
        world.agentctl_json({"sessions", "list", "-scope-id", project_id}).at("items");
    CHECK(std::any_of(listed.begin(), listed.end(),
                      [&](const auto& item) { return item.at("id") == session; }));

    const auto read = world.agentctl_json({"sessions", "read", "-id", session}).at("item");
    CHECK(read.at("status") == "active");
    CHECK(read.at("states").at(0).at("status") == "active"); // newest first
    CHECK(read.at("states").at(1).at("status") == "pending");
    REQUIRE(read.at("connections").size() == 1);
    CHECK(read.at("connections").at(0).at("endpoint_tcp_address") == "127.0.0.1");

    const auto canceled = world.agentctl_json({"sessions", "cancel", "-id", session}).at("item");
    CHECK((canceled.at("status") == "canceling" || canceled.at("status") == "terminated"));
    CHECK(closed_by_peer(connection.get(), 10s)); // 2.5 s are promised, on a machine that has time
    CHECK(eventually([&] { return status_of(world, session) == "terminated"; }));

    const auto ended = proxy.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("termination_reason") != std::string::npos);
}

TEST_CASE("walk: -host-id chooses the host, an alias stands for a target") {
    DevEnvironment world;
    world.login();
    const auto chosen = world.agentctl_json(
        {"targets", "authorize-session", "-id", hosts_target_id, "-host-id", "hst_1234567890"});
    CHECK(chosen.at("item").at("host_id") == "hst_1234567890");
    const auto by_chance =
        world.agentctl_json({"targets", "authorize-session", "-id", hosts_target_id});
    CHECK(by_chance.at("item").at("host_id") == "hst_1234567890"); // it has one host
    const auto by_alias = world.agentctl_json({"targets", "authorize-session", "ssh.boundary.dev"});
    CHECK(by_alias.at("item").at("target_id").get<std::string>().starts_with("ttcp_"));
}

TEST_CASE(
    "walk: a target is found by its name and scope, and the local port is the one asked for") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto port = refusing_port();
    const auto listening = world.connect_detached(
        {"-target-name", "Generated target with a direct address", "-target-scope-id", project_id,
         "-listen-port", std::to_string(port)});
    CHECK(listening.at("port") == port);
    speaking(port);
}

TEST_CASE("walk: a proxy ends after -inactive-timeout, and -exec runs beside one") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();

    const auto listening =
        world.connect_detached({"-target-id", target_id, "-inactive-timeout", "1s"});
    {
        const auto connection = speaking(listening.at("port").get<std::uint16_t>());
    }
    CHECK(eventually([&] { return world.proxies().empty(); }));

    const auto ended = world.agentctl({"connect", "-target-id", target_id, "-exec", "/bin/sh", "--",
                                       "-c", "echo {{boundary.ip}} {{ boundary.addr }}; exit 7"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 7);
    CHECK(ended.out.starts_with("\nProxy listening information:\n"));
    CHECK(ended.out.find("\n127.0.0.1 127.0.0.1:") != std::string::npos);
    CHECK(world.proxies().empty());
}

TEST_CASE("walk: an unprivileged user sees and cancels only their own sessions") {
    DevEnvironment world;
    world.environment["ADMIN"] = world.token("admin");
    world.environment["USER_TOKEN"] = world.token("user");
    const auto session =
        world.agentctl_json({"targets", "authorize", "-id", target_id, "-token", "env://ADMIN"})
            .at("item")
            .at("session_id");
    const auto seen = world.agentctl_json(
        {"sessions", "list", "-scope-id", project_id, "-token", "env://USER_TOKEN"});
    CHECK(seen.at("items").is_null());
    const auto refused = world.agentctl(
        {"sessions", "cancel", "-id", session.get<std::string>(), "-token", "env://USER_TOKEN"});
    CHECK(refused.exit == 1);
}

TEST_CASE("walk: a token named by -token is used, never stored and never printed") {
    DevEnvironment world;
    const auto token = world.token("admin");
    world.environment["T"] = token;
    const auto ended =
        world.agentctl({"targets", "list", "-scope-id", project_id, "-token", "env://T"});
    CHECK(ended.exit == 0);
    CHECK(ended.out.find(target_id) != std::string::npos);
    CHECK((ended.out + ended.err).find(token) == std::string::npos);
    CHECK(world.server_log().find(token) == std::string::npos);
    CHECK(world.agentctl({"targets", "list", "-scope-id", project_id}).exit !=
          0); // nothing was kept
}
