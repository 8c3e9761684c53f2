// Attached and detached: what a closing terminal, Ctrl-C and a killed agentctl mean for a proxy.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

struct Connected {
    LoopbackServer target{serve_echo};
    DevEnvironment world{{.target_port = target.port()}};
    Process terminal;
    std::uint16_t port = 0;

    Connected() : terminal(start()) {
        REQUIRE(terminal.wait_for("\n"));
        port = agent::Json::parse(terminal.out()).at("port").get<std::uint16_t>();
    }
    Process start() {
        world.login();
        return world.start_agentctl(
            {"connect", "-target-id", target_id, "-name", "t", "-format", "json"}, true);
    }
    bool echoes(int fd) { return send_all(fd, "hello\n") && receive_exactly(fd, 6) == "hello\n"; }
};

} // namespace

TEST_CASE("terminal: closing it leaves the proxy and its connections; attach comes back, "
          "disconnect ends it") {
    Connected it;
    const auto connection = connect_loopback(it.port);
    REQUIRE(it.echoes(connection.get()));

    it.terminal.signal_group(SIGHUP);
    CHECK(it.terminal.wait(30s).exit != -1);
    CHECK(it.echoes(connection.get()));
    REQUIRE(it.world.proxies().size() == 1);

    auto attached = it.world.start_agentctl({"attach", "t", "-format", "json"});
    REQUIRE(attached.wait_for("\n"));
    CHECK(agent::Json::parse(attached.out()).at("port") == it.port);

    CHECK(it.world.agentctl({"disconnect", "t"}).exit == 0);
    CHECK(closed_by_peer(connection.get(), 20s));
    const auto ended = attached.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("termination_reason") != std::string::npos);
    CHECK(it.world.proxies().empty());
}

TEST_CASE("terminal: a killed agentctl leaves the proxy") {
    Connected it;
    it.terminal.signal(SIGKILL);
    it.terminal.wait(30s);
    const auto connection = connect_loopback(it.port);
    CHECK(it.echoes(connection.get()));
    CHECK(it.world.proxies().size() == 1);
}

TEST_CASE("terminal: Ctrl-C and SIGTERM end the proxy and cancel its session") {
    const int signal = GENERATE(SIGINT, SIGTERM);
    Connected it;
    const auto session = agent::Json::parse(it.terminal.out()).at("session_id").get<std::string>();
    it.terminal.signal(signal);
    const auto ended = it.terminal.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find(R"({"termination_reason":"Received shutdown signal"})") !=
          std::string::npos);
    CHECK_FALSE(connect_loopback(it.port));
    CHECK(it.world.proxies().empty());
    // A cancelled session without connections stays "canceling" until the controller's next round
    // (30 to 90 seconds).
    const auto item = it.world.agentctl_json({"sessions", "read", "-id", session}).at("item");
    CHECK(item.at("states").at(0).at("status") == item.at("status"));
    CHECK((item.at("status") == "canceling" || item.at("status") == "terminated"));
}

TEST_CASE("terminal: agentd killed, the proxy works on and is listed by the next agentd; SIGTERM "
          "leaves it as well") {
    const int signal = GENERATE(SIGKILL, SIGTERM);
    Connected it;
    const auto connection = connect_loopback(it.port);
    REQUIRE(it.echoes(connection.get()));
    const auto before = it.world.agent_pid();
    it.world.end_agent(signal);
    CHECK(it.echoes(connection.get()));
    CHECK(it.echoes(connect_loopback(it.port).get()));
    REQUIRE(it.world.proxies().size() == 1);
    CHECK(it.world.proxies()[0].at("name") == "t");
    CHECK(it.world.agent_pid() != before);
    CHECK(it.world.agentctl({"disconnect", "t"}).exit == 0);
    CHECK(closed_by_peer(connection.get(), 20s));
}
