// The sessions of a kept proxy: asked for when they are wanted, replaced when they are over, never
// left behind, never asked for against somebody's will.

#include "kept_proxy.hpp"

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

void cancel_as_administrator(KeptProxy& it, const std::string& session) {
    auto& world = it.world;
    world.environment["ADMIN"] = world.token("admin");
    const auto ended =
        world.agentctl({"sessions", "cancel", "-id", session, "-token", "env://ADMIN"});
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit == 0);
}

} // namespace

TEST_CASE(
    "sessions: the first connection after an expired session gets a new one, on the same port") {
    KeptProxy it({}, {"-target-session-max-seconds", "3"});
    REQUIRE(it.works());
    const auto first = it.session();
    REQUIRE(it.comes_to("idle"));
    CHECK(it.proxy().at("reason") == "Session has expired");
    CHECK(it.living_sessions() <=
          1); // nobody wants another one, so there is none; the old one fades away
    CHECK(it.works());
    CHECK(it.session() != first);
    CHECK(it.proxy().at("port") == it.port);
}

TEST_CASE("sessions: a used-up one is replaced, and the connections that used it go on") {
    KeptProxy it({}, {"-target-session-connection-limit", "2"});
    const auto first = connect_loopback(it.port);
    REQUIRE(it.echoes(first.get()));
    const auto second = connect_loopback(it.port);
    REQUIRE(it.echoes(second.get()));
    const auto third = connect_loopback(it.port);
    CHECK(it.echoes(third.get()));
    CHECK(it.echoes(first.get()));
    CHECK(it.echoes(second.get()));
    CHECK(it.proxy().at("connections_open") == 3);
}

TEST_CASE("sessions: one that was canceled at the controller is not asked for again until a person "
          "says so") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto session = it.session();
    cancel_as_administrator(it, session);
    REQUIRE(it.comes_to("blocked"));
    const auto why = it.world.agentctl({"why", "pg"});
    CHECK(why.out.find("was canceled at the controller") != std::string::npos);
    CHECK(why.out.find("agentctl reconnect pg") != std::string::npos);
    CHECK_FALSE(it.works());
    it.world.end_agent(SIGKILL); // nor does another agentd
    CHECK_FALSE(it.works());
    CHECK(it.state() == "blocked");
    CHECK(it.living_sessions() == 0);

    const auto again = it.world.agentctl({"reconnect", "pg"}, 60s);
    INFO(again.out << again.err);
    CHECK(again.exit == 0);
    CHECK(it.works());
    CHECK(it.session() != session);
}

TEST_CASE("sessions: with -after-cancel reauthorize the next connection gets a new one") {
    KeptProxy it({"-after-cancel", "reauthorize"});
    REQUIRE(it.works());
    const auto session = it.session();
    cancel_as_administrator(it, session);
    CHECK(eventually([&] { return it.works() && it.session() != session; }, 30s));
}

TEST_CASE("sessions: without a login clients are held, and served as soon as somebody logs in") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto logout = it.world.agentctl({"logout"});
    CHECK(logout.out.find("This ended session s_") != std::string::npos);
    CHECK(logout.out.find("of proxy pg") != std::string::npos);
    REQUIRE(it.comes_to("waiting-login"));
    const auto held = connect_loopback(it.port);
    REQUIRE(held);
    REQUIRE(send_all(held.get(), "hello\n"));
    CHECK(eventually([&] { return it.proxy().at("clients_waiting") == 1; }));
    CHECK(it.world.agentctl({"why", "pg"}).out.find("Hop:        login") != std::string::npos);
    it.world.login();
    CHECK(receive_exactly(held.get(), 6) == "hello\n");
    CHECK(it.comes_to("busy")); // the bytes may be faster than the proxy's word to agentd
}

TEST_CASE("sessions: a client that comes while no agentd runs is held until one does") {
    KeptProxy it({}, {"-target-session-max-seconds", "3"});
    REQUIRE(it.comes_to("idle"));
    it.world.end_agent(SIGKILL);
    const auto held = connect_loopback(it.port);
    REQUIRE(held);
    REQUIRE(send_all(held.get(), "hello\n"));
    (void)it.world.agentctl({"status"});
    CHECK(receive_exactly(held.get(), 6) == "hello\n");
}

TEST_CASE("sessions: while the controller is away the proxy waits for it, and says so") {
    KeptProxy it({}, {"-target-session-max-seconds", "3"});
    REQUIRE(it.comes_to("idle"));
    it.world.stop_server();
    const auto held = connect_loopback(it.port);
    REQUIRE(held);
    REQUIRE(it.comes_to("waiting-network"));
    const auto why = it.world.agentctl({"why", "pg"});
    CHECK(why.out.find("Hop:        controller") != std::string::npos);
}

TEST_CASE("sessions: an eager proxy has its session before anybody comes") {
    KeptProxy it({"-eager"}, {"-target-session-max-seconds", "4"});
    const auto first = it.session();
    CHECK_FALSE(first.empty());
    CHECK(eventually(
        [&] {
            const auto now = it.session();
            return !now.empty() && now != first;
        },
        30s));
}

TEST_CASE("sessions: five minutes before its end the agent says what will happen") {
    LoopbackServer target(serve_echo);
    DevEnvironment world(
        {.server_flags = {"-target-session-max-seconds", "302"}, .target_port = target.port()});
    world.login();
    auto watch = world.start_agentctl({"watch"});
    world.connect_detached({"-target-id", target_id, "-name", "t"});
    CHECK(watch.wait_for("expiry-near", 30s));
    CHECK(watch.out().find("of proxy t ends in 5 minutes") != std::string::npos);
}
