// A machine that sleeps: what has ended meanwhile is replaced when somebody comes, and logind's
// word is heard.

#include "kept_proxy.hpp"

#include "support/bus_client.hpp"
#include "support/session_bus.hpp"

using namespace agent::test;
using namespace std::chrono_literals;

TEST_CASE("sleep: after one that was longer than the session a new connection just works") {
    KeptProxy it({}, {"-target-session-max-seconds", "3"});
    REQUIRE(it.works());
    const auto first = it.session();
    const auto begun = std::chrono::steady_clock::now();
    const auto agent = it.world.agent_pid();
    const auto proxy = it.proxy().at("pid").get<pid_t>();
    for (const auto pid : {agent, proxy}) REQUIRE(::kill(pid, SIGSTOP) == 0);
    CHECK(eventually([&] { return std::chrono::steady_clock::now() - begun > 5s; }, 30s));
    for (const auto pid : {proxy, agent}) REQUIRE(::kill(pid, SIGCONT) == 0);

    CHECK(it.works());
    CHECK(it.session() != first);
    CHECK(it.proxy().at("pid") == proxy);
}

TEST_CASE("sleep: when logind says that the machine has woken up, the proxies look after their "
          "connections") {
    SessionBus system_bus;
    KeptProxy it;
    it.world.end_agent(SIGTERM);
    it.world.environment["DBUS_SYSTEM_BUS_ADDRESS"] = system_bus.address();
    REQUIRE(it.works());
    BusClient logind(system_bus.address());
    REQUIRE(::sd_bus_request_name(logind.bus(), "org.freedesktop.login1", 0) >= 0);
    const auto says = [&](bool begins) {
        REQUIRE(::sd_bus_emit_signal(logind.bus(), "/org/freedesktop/login1",
                                     "org.freedesktop.login1.Manager", "PrepareForSleep", "b",
                                     static_cast<int>(begins)) >= 0);
        REQUIRE(::sd_bus_flush(logind.bus()) >= 0);
    };
    const auto log = it.world.folder() / "state/agentd/agent-proxy.log";
    const auto checked = [&] {
        return read_text(log).find("checking connections: the machine woke up") !=
               std::string::npos;
    };
    CHECK(it.state() != ""); // agentd runs again, with that bus
    says(true);
    CHECK(it.state() != "");
    CHECK_FALSE(checked());
    CHECK(eventually(
        [&] {
            says(false); // the first ones may come before it listens
            return checked();
        },
        30s));
    CHECK(it.works());
}
