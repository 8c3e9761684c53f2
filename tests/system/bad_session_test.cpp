// Authorization tokens, workers and targets that do not work: what is printed and the exit code.

#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::string authorization(DevEnvironment& world) {
    return world.agentctl_json({"targets", "authorize-session", "-id", target_id})
        .at("item")
        .at("authorization_token")
        .get<std::string>();
}

/// The failure that `agentctl list` shows after one connection through the proxy has failed.
std::string failure_of_one_connection(DevEnvironment& world, const agent::Json& listening) {
    const auto fd = connect_loopback(listening.at("port").get<std::uint16_t>());
    REQUIRE(fd);
    CHECK(closed_by_peer(fd.get(), 20s));
    std::string failure;
    eventually([&] {
        const auto proxies = world.proxies();
        if (!proxies.empty()) failure = proxies[0].at("last_failure").get<std::string>();
        return !failure.empty();
    });
    return failure;
}

} // namespace

TEST_CASE("refusal: an authorization token that is garbage, truncated or changed is bad usage and "
          "never printed") {
    DevEnvironment world;
    world.login();
    const auto token = authorization(world);
    check_refused(world.agentctl({"connect", "-authz-token", "notbase58_0OIl"}), 3,
                  {"Error decoding session authorization data: "});
    for (const auto& bad : {token.substr(0, token.size() / 2), token.substr(0, 8), "x" + token}) {
        const auto ended = world.agentctl({"proxy", "-authz", bad});
        check_refused(ended, 3, {"Error decoding session authorization data: "});
        CHECK(ended.err.find(bad) == std::string::npos);
    }
    CHECK(world.proxies().empty());
}

TEST_CASE("refusal: an expired authorization says so") {
    DevEnvironment world({.server_flags = {"-target-session-max-seconds", "1"}});
    world.login();
    const auto token = authorization(world);
    Ended ended;
    CHECK(eventually([&] {
        ended = world.agentctl({"connect", "-detach", "-authz-token", token});
        return ended.exit != 0;
    }));
    check_refused(ended, 3, {"expired"});
}

TEST_CASE("refusal: a worker that refuses TCP is named with its address") {
    const auto closed = "127.0.0.1:" + std::to_string(refusing_port());
    LoopbackServer target(serve_echo);
    DevEnvironment world(
        {.server_flags = {"-worker-public-address", closed}, .target_port = target.port()});
    world.login();
    const auto failure =
        failure_of_one_connection(world, world.connect_detached({"-target-id", target_id}));
    CHECK(failure.find(closed) != std::string::npos);
    CHECK(failure.find("refused") != std::string::npos);
    CHECK(world.proxies().size() == 1); // one failed connection ends nothing else
}

TEST_CASE("refusal: a worker that shows another certificate is refused") {
    TempDir keys;
    const std::string key = keys.path() / "key", certificate = keys.path() / "cert";
    const auto made =
        run_program({"/usr/bin/openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj",
                     "/CN=other", "-days", "1", "-keyout", key, "-out", certificate},
                    {});
    REQUIRE(made.exit == 0);
    const auto port = refusing_port();
    const auto address = "127.0.0.1:" + std::to_string(port);
    Process impostor({"/usr/bin/openssl", "s_server", "-accept", address, "-key", key, "-cert",
                      certificate, "-tls1_3"},
                     {.keep_input = true});
    REQUIRE(impostor.wait_for("ACCEPT"));
    LoopbackServer target(serve_echo);
    DevEnvironment world(
        {.server_flags = {"-worker-public-address", address}, .target_port = target.port()});
    world.login();
    const auto failure =
        failure_of_one_connection(world, world.connect_detached({"-target-id", target_id}));
    CHECK(failure.find(address) != std::string::npos);
    CHECK(failure.find("certificate") != std::string::npos);
    CHECK(target.accepted() == 0);
}

TEST_CASE("refusal: a dead endpoint is named, and the proxy works again when it is back") {
    const auto port = refusing_port();
    DevEnvironment world({.target_port = port});
    world.login();
    const auto failure =
        failure_of_one_connection(world, world.connect_detached({"-target-id", target_id}));
    CHECK(failure.find("could not connect to the target") != std::string::npos);
    CHECK(failure.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
    CHECK(world.proxies().at(0).at("state") != "ended");
}

TEST_CASE("refusal: a used-up connection limit ends the proxy, not the open connection") {
    LoopbackServer target(serve_echo);
    DevEnvironment world(
        {.server_flags = {"-target-session-connection-limit", "1"}, .target_port = target.port()});
    world.login();
    auto proxy = world.start_agentctl({"connect", "-target-id", target_id, "-format", "json"});
    REQUIRE(proxy.wait_for("\n"));
    const auto port = agent::Json::parse(proxy.out().substr(0, proxy.out().find('\n')))
                          .at("port")
                          .get<std::uint16_t>();
    auto first = connect_loopback(port);
    REQUIRE(send_all(first.get(), "hello\n"));
    REQUIRE(receive_exactly(first.get(), 6) == "hello\n");
    CHECK(proxy.wait_for(R"({"connections_left":0})"));
    if (const auto second = connect_loopback(port)) CHECK(closed_by_peer(second.get(), 20s));
    REQUIRE(send_all(first.get(), "still\n"));
    CHECK(receive_exactly(first.get(), 6) == "still\n");
    first.reset();
    const auto ended = proxy.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("termination_reason") != std::string::npos);
}

TEST_CASE("refusal: a session that expires under a live connection cuts it and says expired") {
    LoopbackServer target(serve_echo);
    DevEnvironment world(
        {.server_flags = {"-target-session-max-seconds", "6"}, .target_port = target.port()});
    world.login();
    auto proxy = world.start_agentctl({"connect", "-target-id", target_id, "-format", "json"});
    REQUIRE(proxy.wait_for("\n"));
    const auto port = agent::Json::parse(proxy.out()).at("port").get<std::uint16_t>();
    const auto connection = connect_loopback(port);
    REQUIRE(send_all(connection.get(), "hello\n"));
    REQUIRE(receive_exactly(connection.get(), 6) == "hello\n");
    CHECK(closed_by_peer(connection.get(), 20s));
    const auto ended = proxy.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.out.find("expired") != std::string::npos);
}

TEST_CASE("refusal: a session canceled elsewhere is the termination reason of its proxy") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    auto proxy = world.start_agentctl({"connect", "-target-id", target_id, "-format", "json"});
    REQUIRE(proxy.wait_for("\n"));
    const auto listening = agent::Json::parse(proxy.out());
    const auto connection = connect_loopback(listening.at("port").get<std::uint16_t>());
    REQUIRE(send_all(connection.get(), "hello\n"));
    REQUIRE(receive_exactly(connection.get(), 6) == "hello\n");
    REQUIRE(
        world.agentctl({"sessions", "cancel", "-id", listening.at("session_id").get<std::string>()})
            .exit == 0);
    CHECK(closed_by_peer(connection.get(), 10s));
    const auto ended = proxy.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("cancel") != std::string::npos);
}
