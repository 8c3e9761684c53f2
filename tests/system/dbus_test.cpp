// The D-Bus face as programs that nobody here wrote see it: busctl, gdbus, the bus's own
// activation; and what it does when the bus goes, comes back, or gives the name to somebody else.
// Above 400 lines because all of it is one walk of one desktop, whose start takes seconds.

#include "support/bus_client.hpp"
#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/session_bus.hpp"

#include <algorithm>
#include <unistd.h>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* root = "/org/agentd/Agent1";

/// A dev server, a bus, and an agentd on it.
struct Desktop {
    LoopbackServer target{serve_greeting("welcome\n")};
    DevEnvironment world{{.target_port = target.port()}};
    SessionBus bus;

    Desktop() { world.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address(); }

    void start_agent() {
        world.login();
        REQUIRE(eventually([&] { return has_owner(); }));
    }
    Ended run(std::vector<std::string> command) {
        // Debian's Python has dbus-next; another one first on the PATH may not
        command.front() =
            command.front() == "python3" ? "/usr/bin/python3" : find_on_path(command.front());
        REQUIRE_FALSE(command.front().empty());
        return run_program(std::move(command), {.environment = world.environment}, 60s);
    }
    Ended busctl(std::vector<std::string> words) {
        words.insert(words.begin(), {"busctl", "--address=" + bus.address()});
        return run(std::move(words));
    }
    Ended call(std::vector<std::string> words) {
        words.insert(words.begin(), {"call", "org.agentd.Agent1", root, "org.agentd.Agent1"});
        return busctl(std::move(words));
    }
    bool has_owner() {
        const auto asked = busctl({"call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                   "NameHasOwner", "s", "org.agentd.Agent1"});
        return asked.out == "b true\n";
    }
    /// Connect's arguments for a proxy `name`.
    Ended connect(const std::string& name) {
        return call({"Connect", "sa{sv}", target_id, "2", "name", "s", name, "cluster", "s",
                     world.address()});
    }
};

#if defined(__SANITIZE_ADDRESS__)
constexpr bool counts_memory = false; // what is freed stays in quarantine
#else
constexpr bool counts_memory = true;
#endif

/// The most that it ever had resident.
long memory_kib(pid_t pid) {
    const auto status = read_text("/proc/" + std::to_string(pid) + "/status");
    const auto at = status.find("VmHWM:");
    REQUIRE(at != std::string::npos);
    return std::stol(status.substr(at + 6));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE(
    "d-bus: busctl and gdbus introspect, connect, read, are refused a write, and disconnect") {
    Desktop desktop;
    desktop.start_agent();
    const auto members = desktop.busctl({"introspect", "org.agentd.Agent1", root});
    INFO(members.out << members.err);
    for (const char* member : {".Connect", ".ListProxies", ".GetManagedObjects", ".SessionEnded"})
        CHECK(contains(members.out, member));

    const auto connected = desktop.connect("web-1");
    INFO(connected.out << connected.err);
    REQUIRE(connected.exit == 0);
    CHECK(contains(connected.out, "\"/org/agentd/Agent1/proxy/web_2d1\""));
    CHECK_FALSE(contains(connected.out, "at_")); // no token, of the login or of the session

    const std::string path = std::string(root) + "/proxy/web_2d1";
    const auto port = desktop.busctl(
        {"get-property", "org.agentd.Agent1", path, "org.agentd.Agent1.Proxy", "Port"});
    REQUIRE(contains(port.out, "q "));
    const auto connection =
        connect_loopback(static_cast<std::uint16_t>(std::stoi(port.out.substr(2))));
    REQUIRE(connection);
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
    CHECK(eventually([&] {
        return desktop
                   .busctl({"get-property", "org.agentd.Agent1", path, "org.agentd.Agent1.Proxy",
                            "ConnectionsOpen"})
                   .out == "x 1\n";
    }));

    const auto write = desktop.busctl({"set-property", "org.agentd.Agent1", path,
                                       "org.agentd.Agent1.Proxy", "State", "s", "ended"});
    CHECK(write.exit != 0);
    CHECK(contains(write.err, "not writable"));

    const auto objects =
        desktop.run({"gdbus", "call", "--session", "-d", "org.agentd.Agent1", "-o", root, "-m",
                     "org.freedesktop.DBus.ObjectManager.GetManagedObjects"});
    INFO(objects.out << objects.err);
    CHECK(contains(objects.out, "'State': <'busy'>"));
    CHECK(contains(objects.out, "org.agentd.Agent1.Cluster"));
    CHECK(contains(objects.out, "'UserId': <'u_1234567890'>"));

    CHECK(desktop.call({"Disconnect", "s", "web-1"}).out == "b true\n");
    CHECK(closed_by_peer(connection.get(), 10s));
    const auto again = desktop.call({"Disconnect", "s", "web-1"});
    CHECK(again.exit != 0);
    CHECK(contains(again.err, "there is no proxy web-1"));
}

TEST_CASE("d-bus: ConnectFd hands out a connection through the proxy") {
    Desktop desktop;
    desktop.start_agent();
    REQUIRE(desktop.connect("db").exit == 0);
    BusClient client(desktop.bus.address());
    const auto answer = client.call("ConnectFd", "s", "db");
    REQUIRE(answer.error.empty());
    int fd = -1;
    REQUIRE(::sd_bus_message_read(answer.reply.get(), "h", &fd) >= 0);
    CHECK(receive_exactly(fd, 8) == "welcome\n");
    REQUIRE(send_all(fd, "ping\n"));
    CHECK(receive_exactly(fd, 5) == "ping\n");
    CHECK(client.call("ConnectFd", "s", "nosuch").error == "org.agentd.Error.ProxyNotFound");
}

TEST_CASE("d-bus: a session is authorized, its secrets leave in a file, and Connect takes them "
          "from one") {
    Desktop desktop;
    desktop.start_agent();
    BusClient client(desktop.bus.address());
    const auto authorized =
        client.call("Authorize", "sa{sv}", target_id.c_str(), 1, "cluster", "a{sv}", 1, "address",
                    "s", desktop.world.address().c_str());
    INFO(authorized.text);
    REQUIRE(authorized.error.empty());
    const char* id = nullptr;
    const char* session = nullptr;
    int file = -1;
    REQUIRE(::sd_bus_message_read(authorized.reply.get(), "ssh", &id, &session, &file) >= 0);
    CHECK_FALSE(contains(session, "authorization_token"));
    std::string text(65536, '\0');
    text.resize(
        static_cast<std::size_t>(std::max<ssize_t>(::read(file, text.data(), text.size()), 0)));
    const auto secrets = agent::parse_json(text);
    REQUIRE(secrets.has_value());
    const auto token = agent::string_member(*secrets, "authorization_token");
    REQUIRE_FALSE(token.empty());

    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(send_all(ends[1], token) == false); // a pipe is no socket: send() refuses it
    REQUIRE(::write(ends[1], token.data(), token.size()) == static_cast<ssize_t>(token.size()));
    ::close(ends[1]);
    const auto connected = client.call("Connect", "sa{sv}", "", 2, "authorization_token", "h",
                                       ends[0], "name", "s", "x");
    ::close(ends[0]);
    INFO(connected.text);
    CHECK(connected.error.empty());
    const auto proxies = desktop.world.proxies();
    REQUIRE(proxies.size() == 1);
    CHECK(proxies[0].at("session_id") == std::string(id));
}

TEST_CASE(
    "d-bus: wrong types, huge arguments and strange objects are typed errors; the agent goes on") {
    Desktop desktop;
    desktop.start_agent();
    const auto pid = desktop.world.agent_pid();
    BusClient client(desktop.bus.address());
    CHECK(client.call("Connect", "i", 5).error == SD_BUS_ERROR_INVALID_ARGS);
    CHECK(client.call("Connect", "sa{sv}", "t", 1, "listen_port", "s", "http").error ==
          "org.agentd.Error.InvalidArgument");
#ifdef __SANITIZE_ADDRESS__ // whose realloc copies all of it for each piece that comes
    const std::string huge(8U << 20U, 'x');
#else
    const std::string huge(64U << 20U, 'x');
#endif
    CHECK(client.call("Disconnect", "s", huge.c_str()).error == "org.agentd.Error.LimitExceeded");
    CHECK(client.call("NoSuch").error == SD_BUS_ERROR_UNKNOWN_METHOD);
    CHECK(client
              .call("ReadSession", "sa{sv}", "s_nosuch", 1, "cluster", "a{sv}", 1, "address", "s",
                    desktop.world.address().c_str())
              .error == "org.agentd.Error.ControllerError");
    CHECK(client.call("ListProxies").error.empty());
    CHECK(desktop.world.agent_pid() == pid);
}

TEST_CASE("d-bus: Why says what stands in the way of a proxy, and what is next") {
    Desktop desktop;
    desktop.start_agent();
    REQUIRE(desktop
                .call({"Connect", "sa{sv}", target_id, "3", "name", "s", "db", "keep", "b", "true",
                       "cluster", "s", desktop.world.address()})
                .exit == 0);
    BusClient client(desktop.bus.address());
    struct Said {
        std::string state, hop, explanation, next_step;
        std::vector<std::string> history;
    };
    const auto why = [&](const char* name) {
        const auto answer = client.call("Why", "s", name);
        INFO(answer.error << " " << answer.text);
        REQUIRE(answer.error.empty());
        sd_bus_message* const reply = answer.reply.get();
        const char *state = nullptr, *hop = nullptr, *explanation = nullptr, *next_step = nullptr;
        REQUIRE(::sd_bus_message_read(reply, "ssss", &state, &hop, &explanation, &next_step) >= 0);
        Said said{state, hop, explanation, next_step, {}};
        REQUIRE(::sd_bus_message_enter_container(reply, 'a', "s") >= 0);
        for (const char* event = nullptr; ::sd_bus_message_read(reply, "s", &event) > 0;)
            said.history.emplace_back(event);
        return said;
    };
    const auto working = why("db");
    CHECK(working.state == "ready");
    CHECK(working.hop.empty());
    CHECK(contains(working.explanation, "Nothing stands in the way"));
    CHECK(working.next_step.empty());
    REQUIRE_FALSE(working.history.empty());
    CHECK(contains(working.history[0], "proxy-started listening on 127.0.0.1:"));

    REQUIRE(desktop.call({"Disconnect", "s", "db"}).exit == 0);
    const auto stopped = why("db");
    CHECK(stopped.state == "ended");
    CHECK(stopped.hop == "local");
    CHECK(stopped.next_step == "agentctl reconnect db");
    CHECK(contains(stopped.history.back(), "proxy-ended"));
    CHECK(client.call("Why", "s", "nosuch").error == "org.agentd.Error.ProxyNotFound");
}

TEST_CASE("d-bus: two logins at once both end well, and one is kept") {
    Desktop desktop;
    desktop.start_agent();
    BusClient client(desktop.bus.address());
    std::vector<std::string> paths;
    for (int i = 0; i < 2; ++i) {
        const auto begun = client.call("Login", "sa{sv}", "admin", 2, "password", "s", "password",
                                       "cluster", "s", desktop.world.address().c_str());
        INFO(begun.error << " " << begun.text);
        REQUIRE(begun.error.empty());
        const char* path = nullptr;
        REQUIRE(::sd_bus_message_read(begun.reply.get(), "o", &path) >= 0);
        paths.emplace_back(path);
    }
    CHECK(paths[0] != paths[1]);
    for (const auto& path : paths)
        CHECK(eventually([&] {
            return desktop
                       .busctl({"get-property", "org.agentd.Agent1", path,
                                "org.agentd.Agent1.Login", "State"})
                       .out == "s \"done\"\n";
        }));
    const auto logins = desktop.world.agentctl_json({"status"}).at("logins");
    CHECK(std::ranges::count_if(logins, [&](const auto& one) {
              return one.at("cluster") == desktop.world.address();
          }) == 1);
}

TEST_CASE("d-bus: 200 calls in flight, 50 subscribers and a program that never reads: nobody else "
          "waits") {
    Desktop desktop;
    desktop.start_agent();
    const auto pid = desktop.world.agent_pid();
    const auto before = memory_kib(pid);
    const auto crowd = desktop.run({"python3", CROWD_PY, desktop.world.address(), target_id});
    INFO(crowd.out << crowd.err);
    CHECK(crowd.exit == 0);
    CHECK(contains(crowd.out, "200 calls in flight"));
    const auto grown = memory_kib(pid) - before;
    INFO("agentd had " << before << " KiB and its peak is " << grown << " KiB above");
    if (counts_memory) CHECK(grown < 32 << 10);
}

TEST_CASE("d-bus: the Python example lists the proxies and follows their changes") {
    Desktop desktop;
    desktop.start_agent();
    REQUIRE(desktop.connect("first").exit == 0);
    Process example({"/usr/bin/python3", EXAMPLE_PY}, {.environment = desktop.world.environment});
    INFO(example.err());
    REQUIRE(example.wait_for("first"));
    CHECK(contains(example.out(), " ready "));
    REQUIRE(desktop.connect("second").exit == 0);
    CHECK(example.wait_for("new  second"));
    {
        const auto connection =
            connect_loopback(desktop.world.proxies()[0].at("port").get<std::uint16_t>());
        REQUIRE(connection);
        CHECK(example.wait_for("ConnectionsOpen=1"));
        CHECK(example.wait_for("BytesDown=8")); // counts follow while a connection is open
    }
    REQUIRE(desktop.call({"Disconnect", "s", "first"}).exit == 0);
    CHECK(example.wait_for("State=ended"));
    CHECK(example.wait_for("gone first"));
}

TEST_CASE("d-bus: the bus dies and comes back; the agent lives on and is there again") {
    Desktop desktop;
    desktop.start_agent();
    const auto pid = desktop.world.agent_pid();
    REQUIRE(desktop.connect("db").exit == 0);
    const auto port = desktop.world.proxies()[0].at("port").get<std::uint16_t>();
    const auto connection = connect_loopback(port);
    REQUIRE(connection);
    desktop.bus.stop();
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
    CHECK(desktop.world.agent_pid() == pid); // over its socket
    desktop.bus.start();
    REQUIRE(eventually([&] { return desktop.has_owner(); }));
    CHECK(contains(desktop.call({"ListProxies"}).out, "\"State\" s \"busy\""));
    CHECK(desktop.world.agent_pid() == pid);
}

TEST_CASE("d-bus: without a bus the agent starts, and takes its name when one appears") {
    Desktop desktop;
    desktop.bus.stop();
    desktop.world.login();
    const auto pid = desktop.world.agent_pid();
    desktop.bus.start();
    CHECK(eventually([&] { return desktop.has_owner(); }));
    CHECK(desktop.world.agent_pid() == pid);
}

TEST_CASE(
    "d-bus: another program has the name: the agent says so, works, and takes it when it is free") {
    Desktop desktop;
    auto squatter = std::make_unique<BusClient>(desktop.bus.address());
    REQUIRE(::sd_bus_request_name(squatter->bus(), "org.agentd.Agent1", 0) >= 0);
    Process agentd({AGENTD_PROGRAM}, {.environment = desktop.world.environment});
    REQUIRE(agentd.wait_for("another program has the name org.agentd.Agent1", 20s, true));
    CHECK(desktop.world.agent_pid() == agentd.pid()); // over its socket
    squatter.reset();
    REQUIRE(agentd.wait_for("org.agentd.Agent1 is ours", 20s, true));
    CHECK(desktop.call({"ListProxies"}).out == "a{oa{sv}} 0\n");

    agentd.signal(SIGTERM); // the name goes back before the process ends
    CHECK(agentd.wait().exit == 0);
    CHECK_FALSE(desktop.has_owner());
}

TEST_CASE("d-bus: the bus starts the agent for the first caller") {
    DevEnvironment world({.start_server = false});
    const auto service = read_text(AGENT1_SERVICE);
    REQUIRE(contains(service, "Name=org.agentd.Agent1\n"));
    REQUIRE(contains(service, "SystemdService=agentd.service\n"));
    const auto exec = service.find("Exec=");
    REQUIRE(exec != std::string::npos);
    const auto line_end = service.find('\n', exec);
    world.folder().folder("services");
    REQUIRE(contains(service.substr(exec, line_end - exec),
                     "/agent-supervisor @CMAKE_INSTALL_FULL_BINDIR@/agentd"));
#ifdef AGENT_SUPERVISOR_PROGRAM
    const std::string command = std::string(AGENT_SUPERVISOR_PROGRAM) + " " + AGENTD_PROGRAM;
#else
    const std::string command = AGENTD_PROGRAM;
#endif
    world.folder().file(
        "services/org.agentd.Agent1.service", // as installed, but for where the two lie
        service.substr(0, exec) + "Exec=" + command + service.substr(line_end));
    SessionBus bus({.environment = world.environment, .services = world.folder() / "services"});
    BusClient client(bus.address());
    const auto answer = client.call("ListProxies");
    INFO(answer.error << " " << answer.text);
    CHECK(answer.error.empty());
    std::uint32_t pid = 0;
    sd_bus_message* reply = nullptr;
    REQUIRE(::sd_bus_call_method(client.bus(), "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                 "GetConnectionUnixProcessID", nullptr, &reply, "s",
                                 "org.agentd.Agent1") >= 0);
    REQUIRE(::sd_bus_message_read(reply, "u", &pid) >= 0);
    ::sd_bus_message_unref(reply);
    CHECK(world.agent_pid() == static_cast<pid_t>(pid));
}

TEST_CASE("d-bus: a program of another user is refused, whatever it asks") {
    if (::geteuid() != 0) {
        WARN("only root can run a program as another user");
        return;
    }
    Desktop desktop;
    desktop.bus.stop();
    SessionBus bus({.open = true});
    desktop.world.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address();
    desktop.world.login();
    const auto as_nobody = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"setpriv", "--reuid=65534", "--clear-groups", "busctl",
                                     "--address=" + bus.address()});
        words[3] = find_on_path("busctl");
        return desktop.run(std::move(words));
    };
    REQUIRE(eventually([&] {
        return as_nobody({"call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                          "NameHasOwner", "s", "org.agentd.Agent1"})
                   .out == "b true\n";
    }));
    const auto call =
        as_nobody({"call", "org.agentd.Agent1", root, "org.agentd.Agent1", "ListProxies"});
    CHECK(call.exit != 0);
    CHECK(contains(call.err, "the agent belongs to another user"));
    const auto read =
        as_nobody({"get-property", "org.agentd.Agent1", root, "org.agentd.Agent1", "Version"});
    CHECK(contains(read.err, "the agent belongs to another user"));
    const auto introspect = as_nobody({"introspect", "org.agentd.Agent1", root});
    CHECK(contains(introspect.err, "the agent belongs to another user"));
    BusClient own(bus.address());
    CHECK(own.call("ListProxies").error.empty());
}
