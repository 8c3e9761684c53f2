// The agent's own events as a desktop gets them: signals on the bus and notifications with buttons,
// from real sessions that an administrator cancels, a login that is deleted, a port that is taken
// and an end that comes near.

#include "kept_proxy.hpp"
#include "support/notification_server.hpp"
#include "support/session_bus.hpp"

#include <algorithm>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// The signals of org.agentd.Agent1 on a bus, each as its member and its texts: {"LoginNeeded",
/// "http://…", "…"}.
class Signals {
  public:
    explicit Signals(const std::string& address) : client_(address) {
        const auto note = [](sd_bus_message* message, void* self, sd_bus_error*) {
            std::vector<std::string> words{::sd_bus_message_get_member(message)};
            for (char type = 0; ::sd_bus_message_peek_type(message, &type, nullptr) > 0 &&
                                (type == 's' || type == 'o');) {
                const char* text = nullptr;
                ::sd_bus_message_read_basic(message, type, &text);
                words.emplace_back(text);
            }
            static_cast<Signals*>(self)->seen_.push_back(std::move(words));
            return 0;
        };
        REQUIRE(::sd_bus_add_match(client_.bus(), nullptr,
                                   "type='signal',interface='org.agentd.Agent1'", note, this) >= 0);
    }
    /// Those of one kind that have come so far.
    std::vector<std::vector<std::string>> all(const std::string& member) {
        while (::sd_bus_process(client_.bus(), nullptr) > 0) {
        }
        std::vector<std::vector<std::string>> found;
        for (const auto& words : seen_)
            if (words[0] == member) found.push_back(words);
        return found;
    }

  private:
    BusClient client_;
    std::vector<std::vector<std::string>> seen_;
};

/// A person at a desktop with a kept proxy pg: a bus, a notification server, and a terminal in
/// which a password is typed.
struct Desktop {
    SessionBus bus;
    TempDir programs;
    NotificationServer server{bus.address()};
    Signals signals{bus.address()};
    KeptProxy it;

    explicit Desktop(std::vector<std::string> server_flags = {})
        : it({}, std::move(server_flags), [this](DevEnvironment& world) { move_in(world); }) {}

    void move_in(DevEnvironment& world) {
        const auto terminal = programs.file(
            "xdg-terminal-exec",
            "#!/bin/sh\nPW=password exec \"$@\" -login-name admin -password env://PW\n");
        std::filesystem::permissions(terminal, std::filesystem::perms::owner_all);
        world.environment["PATH"] = programs.path().string() + ":" + world.environment["PATH"];
        world.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address();
    }
    /// From somewhere else, not through this agent.
    void at_the_controller(const std::string& method, const std::string& path,
                           const std::string& body = "{}") {
        const auto done = run_program(
            {find_on_path("curl"), "-sS", "--fail", "-X", method, it.world.address() + path, "-H",
             "Authorization: Bearer " + it.world.token("admin"), "-d", body},
            {.environment = it.world.environment});
        INFO(done.out << done.err);
        REQUIRE(done.exit == 0);
    }
    void cancel_session(const std::string& id) {
        const auto session = it.world.agentctl_json({"sessions", "read", "-id", id}).at("item");
        at_the_controller("POST", "/v1/sessions/" + id + ":cancel",
                          "{\"version\":" + session.at("version").dump() + "}");
    }
    bool notes_come_to(std::size_t count) {
        return server.pump_until([&] { return server.notes.size() >= count; }, 40s);
    }
    /// What was on its way is here: the agent tells its bus in order.
    std::size_t notes_after(const std::string& member, std::size_t count) {
        CHECK(eventually([&] { return signals.all(member).size() >= count; }));
        server.pump_until([] { return false; }, 300ms);
        return server.notes.size();
    }
};

} // namespace

TEST_CASE("desktop: an administrator cancels the session of a kept proxy; the button gives it "
          "another one") {
    Desktop desktop;
    auto& it = desktop.it;
    const auto connection = connect_loopback(it.port);
    REQUIRE(it.echoes(connection.get()));
    const auto session = it.session();
    desktop.cancel_session(session);
    REQUIRE(desktop.notes_come_to(1));
    CHECK(desktop.server.notes[0].summary == "The session of pg was canceled");
    CHECK(desktop.server.notes[0].actions == std::vector<std::string>{"reconnect", "Reconnect"});
    CHECK(it.comes_to("blocked"));

    BusClient client(desktop.bus.address());
    const auto why = client.call("Why", "s", "pg");
    const char *state = nullptr, *hop = nullptr, *explanation = nullptr, *next_step = nullptr;
    REQUIRE(::sd_bus_message_read(why.reply.get(), "ssss", &state, &hop, &explanation,
                                  &next_step) >= 0);
    CHECK(std::string(state) == "blocked");
    CHECK(std::string(hop) == "controller");
    CHECK(std::string(next_step).find("agentctl reconnect pg") != std::string::npos);

    desktop.server.press(desktop.server.notes[0].id, "reconnect");
    REQUIRE(eventually([&] { return it.state() == "ready"; }));
    CHECK(it.works());
    const auto second = it.session();
    CHECK(second != session);
    CHECK(it.proxy().at("port") == it.port);

    // Within ten minutes a person is not told the same again; programs are.
    const auto again = connect_loopback(it.port);
    REQUIRE(it.echoes(again.get()));
    desktop.cancel_session(second);
    CHECK(desktop.notes_after("SessionEnded", 2) == 1);
    const auto ends = desktop.signals.all("SessionEnded");
    REQUIRE(ends.size() == 2);
    CHECK(ends[0][1] == "/org/agentd/Agent1/proxy/pg");
    CHECK(ends[0][2] == session);
    CHECK(ends[1][2] == second);
    // Nor is the end of a proxy without a session one more end of a session.
    REQUIRE(it.world.agentctl({"disconnect", "-forget", "pg"}).exit == 0);
    CHECK(desktop.notes_after("SessionEnded", 2) == 1);
    CHECK(desktop.signals.all("SessionEnded").size() == 2);
}

TEST_CASE("desktop: what a person cancels here is told to programs, once, and not to the person") {
    Desktop desktop;
    auto& it = desktop.it;
    const auto session = it.session();
    REQUIRE(it.world.agentctl({"sessions", "cancel", "-id", session}).exit == 0);
    CHECK(desktop.notes_after("SessionEnded", 1) == 0);
    const auto ends = desktop.signals.all("SessionEnded");
    REQUIRE(ends.size() == 1);
    CHECK(ends[0][2] == session);
}

TEST_CASE("desktop: the login is gone: one notice for all proxies, and its button serves the "
          "clients that wait") {
    Desktop desktop;
    auto& it = desktop.it;
    auto& world = it.world;
    it.keep("web");
    const auto web = it.proxy("web").at("port").get<std::uint16_t>();
    const auto login =
        world.agentctl_json({"status"}).at("logins")[0].at("token_id").get<std::string>();
    desktop.at_the_controller("DELETE", "/v1/auth-tokens/" + login);
    const auto first = connect_loopback(it.port);
    const auto second = connect_loopback(web);
    REQUIRE(send_all(first.get(), "hello\n"));
    REQUIRE(send_all(second.get(), "hello\n"));
    REQUIRE(desktop.notes_come_to(1));
    CHECK(desktop.server.notes[0].summary == "Log in to Boundary");
    CHECK(desktop.server.notes[0].actions == std::vector<std::string>{"login", "Log in"});
    CHECK(desktop.notes_after("LoginNeeded", 2) == 1);
    const auto needed = desktop.signals.all("LoginNeeded");
    REQUIRE(needed.size() == 2); // each proxy says so
    CHECK(needed[0][1] == world.address());
    CHECK(it.state() == "waiting-login");

    desktop.server.press(desktop.server.notes[0].id, "login");
    CHECK(receive_exactly(first.get(), 6) == "hello\n");
    CHECK(receive_exactly(second.get(), 6) == "hello\n");
    CHECK(desktop.server.notes.size() == 1);
}

TEST_CASE("desktop: a port in somebody else's hands is told once, with who has it") {
    Desktop desktop;
    auto& it = desktop.it;
    REQUIRE(it.world.agentctl({"disconnect", "pg"}).exit == 0);
    {
        const LoopbackServer holder(serve_echo, it.port);
        (void)it.world.agentctl({"reconnect", "pg"}, 60s);
        REQUIRE(desktop.notes_come_to(1));
        CHECK(desktop.server.notes[0].summary ==
              "Port " + std::to_string(it.port) + " of pg is taken");
        CHECK(desktop.server.notes[0].body.find("in use by") != std::string::npos);
        CHECK(desktop.server.notes[0].actions.empty());
        CHECK(desktop.notes_after("PortBlocked", 1) == 1);
        const auto blocked = desktop.signals.all("PortBlocked");
        REQUIRE(blocked.size() == 1);
        CHECK(blocked[0][1] == "/org/agentd/Agent1/proxy/pg");
        CHECK(blocked[0][2].find("in use by") != std::string::npos);
    }
    CHECK(eventually([&] { return it.works(); }));
}

TEST_CASE("desktop: five minutes before a session with open connections ends, programs and the "
          "person are told") {
    Desktop desktop({"-target-session-max-seconds", "310"});
    auto& it = desktop.it;
    const auto connection = connect_loopback(it.port);
    REQUIRE(it.echoes(connection.get()));
    REQUIRE(desktop.notes_come_to(1));
    CHECK(desktop.server.notes[0].summary == "The session of pg ends in 5 minutes");
    CHECK(desktop.server.notes[0].actions.empty());
    CHECK(desktop.notes_after("ExpiryNear", 1) == 1);
    const auto near = desktop.signals.all("ExpiryNear");
    REQUIRE(near.size() == 1);
    CHECK(near[0][1] == "/org/agentd/Agent1/proxy/pg");
    CHECK(near[0][2] == it.session());
    CHECK(near[0][3] == it.proxy().at("expiration").get<std::string>());
}
