// Proxies that are kept: what survives a restart, a kill and a disconnect.

#include "callers.hpp"
#include "kept_proxy.hpp"

#include "state/database.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace agent::test;
using agent::state::Database;
using namespace std::chrono_literals;

namespace {

/// Established TCP connections to a port of 127.0.0.1.
int connections_to(std::uint16_t port) {
    char wanted[16];
    std::snprintf(wanted, sizeof wanted, "0100007F:%04X", port);
    std::ifstream table("/proc/net/tcp");
    int count = 0;
    for (std::string line; std::getline(table, line);) {
        std::istringstream words(line);
        std::string number, local, remote, state;
        words >> number >> local >> remote >> state;
        count += remote == wanted && state == "01";
    }
    return count;
}

} // namespace

TEST_CASE("kept: after kill -9 of agentd, of its proxy and of both it is back on its port with its "
          "session") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto session = it.session();

    it.world.end_agent(SIGKILL);
    CHECK(it.works()); // nobody is there to serve anything but the proxy itself
    CHECK(it.session() == session);

    it.kill_proxy();
    CHECK(eventually([&] { return it.works(); }, 20s));
    CHECK(it.session() == session);

    const auto proxy = it.proxy().at("pid").get<pid_t>();
    it.world.end_agent(SIGKILL);
    ::kill(proxy, SIGKILL);
    (void)it.world.agentctl({"status"}); // what a login does: the agent starts
    CHECK(eventually([&] { return it.works(); }, 20s));
    CHECK(it.session() == session);
    CHECK(it.proxy().at("port") == it.port);
    CHECK(it.living_sessions() == 1);
}

TEST_CASE("kept: what it was told about its worker connections it still knows after agentd and "
          "itself were killed") {
    KeptProxy it({"-no-warm", "-keep-alive", "7m"});
    it.keep("usual");
    const auto asked = [&](const std::string& name) {
        Database remembered((it.world.folder() / "state/agentd/state.db").string(),
                            agent::state::pragmas);
        auto row = remembered.query("SELECT warm, keep_alive_ms FROM proxies WHERE name = ?", name);
        REQUIRE(row.step());
        return std::pair(row.flag(0), row.integer(1));
    };
    CHECK(asked("pg") == std::pair(false, std::int64_t(420'000)));
    CHECK(asked("usual") == std::pair(true, std::int64_t(-1)));
    const auto pid = it.proxy().at("pid").get<pid_t>();
    it.world.end_agent(SIGKILL);
    ::kill(pid, SIGKILL);
    const auto use = [&](const std::string& name) {
        const auto proxy = it.proxy(name);
        if (proxy.is_null()) return false; // not yet
        const auto connection = connect_loopback(proxy.at("port").get<std::uint16_t>());
        return connection && it.echoes(connection.get());
    };
    // A used proxy opens the next worker connection ahead; one that was told not to has none when
    // its client has gone.
    const auto to_worker = [&] { return connections_to(it.world.worker_port()); };
    REQUIRE(eventually([&] { return use("pg"); }, 30s));
    CHECK(eventually([&] { return to_worker() == 0; }, 30s));
    REQUIRE(eventually([&] { return use("usual"); }, 30s));
    CHECK(eventually(
        [&] { return it.proxy("usual").at("connections_open") == 0 && to_worker() == 1; }, 30s));
}

TEST_CASE("kept: what it has carried is counted once, although agentd is killed before and after "
          "it was written down") {
    KeptProxy it;
    const auto counted = [&] {
        Database remembered((it.world.folder() / "state/agentd/state.db").string(),
                            agent::state::pragmas);
        auto row = remembered.query(
            "SELECT connections, bytes_up, bytes_down FROM counters WHERE proxy = 'pg'");
        return row.step() ? std::tuple(row.integer(0), row.integer(1), row.integer(2))
                          : std::tuple(0L, 0L, 0L);
    };
    const auto carried_in_all = [&](std::int64_t connections) { // of 6 bytes each way
        return eventually(
            [&] { return counted() == std::tuple(connections, connections * 6, connections * 6); },
            20s);
    };
    const auto told = [&](std::int64_t connections) {
        const auto all = [&] {
            const auto now = it.proxy();
            return !now.is_null() && now.at("connections_total") == connections &&
                   now.at("connections_open") == 0;
        };
        return eventually(all, 20s);
    };
    REQUIRE(it.works());
    it.world.end_agent(SIGKILL); // nothing was written so far
    REQUIRE(it.works());
    REQUIRE(told(2));
    REQUIRE(it.world.agentctl({"sessions", "cancel", "-id", it.session()}).exit == 0);
    CHECK(carried_in_all(2)); // with the end of the session
    it.world.end_agent(SIGKILL);
    REQUIRE(it.world.agentctl({"reconnect", "pg"}).exit == 0);
    REQUIRE(eventually([&] { return it.works(); }, 20s));
    REQUIRE(told(3));
    it.world.end_agent(SIGKILL);
    REQUIRE(told(3));
    it.kill_proxy();
    CHECK(carried_in_all(3));
}

TEST_CASE(
    "kept: a live connection outlives agentd; a killed proxy loses its own connections only") {
    KeptProxy it;
    it.keep("other");
    const auto one = connect_loopback(it.port);
    const auto two = connect_loopback(it.proxy("other").at("port").get<std::uint16_t>());
    REQUIRE(it.echoes(one.get()));
    REQUIRE(it.echoes(two.get()));
    it.world.end_agent(SIGKILL);
    CHECK(it.echoes(one.get()));
    CHECK(it.echoes(two.get()));
    it.kill_proxy();
    CHECK(closed_by_peer(one.get(), 10s));
    CHECK(it.echoes(two.get()));
    CHECK(eventually([&] { return it.works(); }, 20s));
    CHECK(it.echoes(two.get()));
}

TEST_CASE(
    "kept: nobody is refused while a killed proxy is replaced, at its port or at its socket") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto path = it.proxy().at("socket_path").get<std::string>();
    int kills = 0;
    {
        Callers at_port([&] { return connect_loopback(it.port); });
        Callers at_socket([&] { return connect_local(path); });
        for (; kills < 8; ++kills) {
            const auto pid = it.proxy().at("pid").get<pid_t>();
            const int before_port = at_port.answered, before_socket = at_socket.answered;
            ::kill(pid, SIGKILL);
            // The next process serves, also who came while there was none.
            CHECK(eventually([&] { return at_port.answered > before_port + 1; }, 30s));
            CHECK(eventually([&] { return at_socket.answered > before_socket + 1; }, 30s));
            CHECK(eventually(
                [&] {
                    const auto now = it.proxy();
                    return !now.is_null() && now.at("pid").get<pid_t>() > 0 &&
                           now.at("pid").get<pid_t>() != pid;
                },
                30s));
            if (kills == 3)
                it.world.end_agent(SIGKILL); // the next agentd asks for the sockets again
        }
        at_port.stop();
        at_socket.stop();
        CHECK(at_port.refused == 0);
        CHECK(at_socket.refused == 0);
        CHECK(at_port.cut <= kills);
        CHECK(at_socket.cut <= kills);
    }
    // It ends as one that nobody ever held.
    CHECK(it.world.agentctl({"disconnect", "pg"}).exit == 0);
    CHECK_FALSE(connect_loopback(it.port));
    CHECK_FALSE(connect_local(path));
}

TEST_CASE("kept: a proxy that ends by itself, or is told to by somebody else, leaves no port that "
          "nobody serves") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto path = it.proxy().at("socket_path").get<std::string>();
    ::kill(it.proxy().at("pid").get<pid_t>(), SIGTERM);
    CHECK(eventually([&] { return it.proxy().is_null(); }, 20s));
    CHECK_FALSE(connect_loopback(it.port));
    CHECK_FALSE(connect_local(path));
}

TEST_CASE("kept: SIGTERM and a new agentd leave it alone, and its session is not asked for again") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto before = it.proxy();
    it.world.end_agent(SIGTERM);
    CHECK(it.works());
    const auto after = it.proxy();
    for (const auto* member : {"pid", "port", "session_id"})
        CHECK(after.at(member) == before.at(member));
}

TEST_CASE(
    "kept: disconnect stops it for now, reconnect starts it on the same port, forget is for good") {
    KeptProxy it;
    const auto ended = it.world.agentctl({"disconnect", "pg"});
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("agentctl reconnect pg") != std::string::npos);
    CHECK(it.proxy().is_null());
    CHECK_FALSE(connect_loopback(it.port));
    it.keep("zz");
    const auto killed_and_back =
        [&] { // agentd and another proxy: who is to come back with the next one has come
            const auto other = it.proxy("zz").at("pid").get<pid_t>();
            it.world.end_agent(SIGKILL);
            ::kill(other, SIGKILL);
            CHECK(eventually([&] {
                const auto now = it.proxy("zz");
                return !now.is_null() && now.at("pid").get<pid_t>() != other &&
                       now.at("state") != "starting";
            }));
        };
    killed_and_back();
    CHECK(it.proxy().is_null()); // the same boot: a crash does not bring it back

    CHECK(it.world.agentctl({"connect", "-detach", "-name", "pg", "-target-id", target_id}).exit ==
          2);
    const auto again = it.world.agentctl({"reconnect", "pg"}, 60s);
    INFO(again.out << again.err);
    CHECK(again.exit == 0);
    CHECK(it.proxy().at("port") == it.port);
    CHECK(it.works());

    CHECK(it.world.agentctl({"disconnect", "-forget", "pg"}).exit == 0);
    killed_and_back();
    CHECK(it.proxy().is_null());
    CHECK(it.world.agentctl({"reconnect", "pg"}).exit == 2);
    CHECK(it.world.agentctl({"disconnect", "-forget", "zz"}).exit == 0);
    CHECK(it.living_sessions() == 0);
}

TEST_CASE("kept: a session whose agentd and proxy were killed and that nobody can use any more is "
          "canceled") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto session = it.session();
    const auto proxy = it.proxy().at("pid").get<pid_t>();
    REQUIRE(it.world.agentctl({"disconnect", "-forget", "pg"}).exit == 0); // leaves no trace
    CHECK(it.status_of(session) != "active");

    const auto listening = it.world.connect_detached({"-target-id", target_id, "-name", "t"});
    const auto second = listening.at("session_id").get<std::string>();
    const auto transient = it.proxy("t").at("pid").get<pid_t>();
    CHECK(transient != proxy);
    it.world.end_agent(SIGKILL);
    ::kill(transient, SIGKILL);
    // Its key is in the kernel's keyring, so it is taken up again; without the key it would be
    // canceled.
    CHECK(eventually([&] { return !it.proxy("t").is_null(); }, 20s));
    CHECK(it.proxy("t").at("session_id") == second);
    CHECK(it.world.agentctl({"disconnect", "t"}).exit == 0);
    CHECK(eventually([&] { return it.living_sessions() == 0; }, 20s));
}

TEST_CASE("kept: its port in somebody else's hands is named, and taken back when it is free") {
    KeptProxy it;
    REQUIRE(it.world.agentctl({"disconnect", "pg"}).exit == 0);
    {
        LoopbackServer holder(serve_echo, it.port);
        (void)it.world.agentctl({"reconnect", "pg"}, 60s);
        CHECK(it.comes_to("blocked"));
        const auto reason = it.proxy().at("reason").get<std::string>();
        CHECK(reason.find("in use by system_kept") != std::string::npos);
        const auto why = it.world.agentctl({"why", "pg"});
        CHECK(why.out.find("Hop:        local") != std::string::npos);
        CHECK(why.out.find("Next step:") != std::string::npos);
    }
    CHECK(eventually([&] { return it.works(); }, 30s));
    CHECK(eventually([&] {
        const auto state = it.state();
        return state == "ready" || state == "busy";
    }));
}

TEST_CASE("kept: where nothing can be remembered, -keep says so and everything else works") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    std::filesystem::create_directories(
        world.folder() / "state/agentd/state.db"); // a folder where the file should be
    std::filesystem::permissions(world.folder() / "state/agentd",
                                 std::filesystem::perms::owner_all);
    world.login();
    const auto refused = world.agentctl({"connect", "-keep", "-target-id", target_id});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("nothing can be remembered") != std::string::npos);
    CHECK(refused.err.find("state.db") != std::string::npos);
    CHECK(world.agentctl({"status"}).out.find("Nothing is remembered") != std::string::npos);
    const auto port =
        world.connect_detached({"-target-id", target_id}).at("port").get<std::uint16_t>();
    const auto connection = connect_loopback(port);
    REQUIRE(send_all(connection.get(), "hello\n"));
    CHECK(receive_exactly(connection.get(), 6) == "hello\n");
}

TEST_CASE(
    "kept: what `enable` writes for a desktop's autostart brings agent and proxies back at login") {
    KeptProxy it;
    REQUIRE(it.works());
    const auto session = it.session();
    const auto enabled = it.world.agentctl({"enable"});
    INFO(enabled.out << enabled.err);
    REQUIRE(enabled.exit == 0);
    const auto entry = it.world.folder() / "config/autostart/agentd.desktop";
    REQUIRE(enabled.out.find(entry) != std::string::npos);
    const auto proxy = it.proxy().at("pid").get<pid_t>();
    it.world.end_agent(SIGKILL);
    ::kill(proxy, SIGKILL);
    REQUIRE(eventually([&] { return !connect_loopback(it.port); })); // logged out

    // The desktop reads the entry and starts what it says, as GLib does it, in an environment that
    // knows nothing of us.
    Process::Options desktop;
    desktop.environment = it.world.environment;
    desktop.environment.erase("AGENTD");
    desktop.environment.erase("BOUNDARY_ADDR");
    desktop.environment["PATH"] = "/usr/bin:/bin";
    const auto launched = run_program({"/usr/bin/gio", "launch", entry}, desktop);
    INFO(launched.out << launched.err);
    CHECK(launched.exit == 0);
    CHECK(eventually([&] { return it.works(); }, 30s)); // nobody has said a word to it
    CHECK(it.session() == session);
    // And the agent is looked after: killed, it comes back by itself, in the hands of the same
    // supervisor.
    it.world.environment.erase("AGENTD");
    it.world.environment["AGENTCTL_NO_START"] = "1";
    const auto agent = it.world.agent_pid();
    it.world.end_agent(SIGKILL);
    CHECK(it.world.agent_pid() != agent);
    it.world.environment.erase("AGENTCTL_NO_START");
    CHECK(it.world.agentctl({"disable"}).exit == 0);
    CHECK_FALSE(std::filesystem::exists(entry));
}
