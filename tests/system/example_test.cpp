// The system test to copy. It starts the real programs, does one thing that a person would do, and
// looks at what that person would see. Everything it needs lives in one DevEnvironment; when that
// goes, every process and file goes.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"

using namespace agent::test;

// A test's name is a sentence that is true when it passes.
TEST_CASE("system: a detached proxy carries bytes until it is disconnected") {
    // A target of our own first, because its port (a free one, never a fixed one) is needed to
    // declare it. This one speaks before it is spoken to, like sshd, and then sends back what it
    // gets.
    LoopbackServer target(serve_greeting("welcome\n"));

    // A dev server on free ports with private folders. Its generated targets lead to ours.
    DevEnvironment world({.target_port = target.port()});

    // agentctl starts agentd when none runs, so this line also tests that.
    world.login();

    // agentctl_json adds -format json, requires exit code 0 and returns what was printed. For what
    // must fail, use world.agentctl(…) and check_refused (refusal.hpp), which look at the exit code
    // and standard error.
    const auto listening = world.connect_detached({"-target-id", target_id, "-name", "example"});
    const auto port = listening.at("port").get<std::uint16_t>();

    // The test is the proxy's client, with plain blocking sockets that give up after ten seconds.
    const auto connection = connect_loopback(port);
    REQUIRE(connection);
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
    REQUIRE(send_all(connection.get(), "ping\n"));
    CHECK(receive_exactly(connection.get(), 5) == "ping\n");

    // What another terminal would see meanwhile.
    const auto proxies = world.proxies();
    REQUIRE(proxies.size() == 1);
    CHECK(proxies[0].at("name") == "example");
    CHECK(proxies[0].at("connections_open") == 1);

    // And the end: the connection is cut, the port refuses, nothing is listed.
    const auto ended = world.agentctl({"disconnect", "example"});
    CHECK(ended.exit == 0);
    CHECK(ended.out == "Proxy example has ended, its session is canceled.\n");
    CHECK(closed_by_peer(connection.get(), std::chrono::seconds(2)));
    CHECK_FALSE(connect_loopback(port));
    CHECK(world.proxies().empty());
}
