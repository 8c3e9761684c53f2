// Notifications with a server that presses the buttons: a real agent whose session is canceled at
// the controller, and, for what takes hours to happen, an agent that says it has.

#include "agentd/notifications/notifications.hpp"
#include "async/event.hpp"
#include "support/any_commands.hpp"
#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/notification_server.hpp"
#include "support/session_bus.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <future>
#include <thread>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// An agent that tells events, and remembers whom it was asked to connect.
class TellingAgent final : public RefusingCommands {
  public:
    using RefusingCommands::handle;
    explicit TellingAgent(boost::asio::any_io_executor executor) : happened_(executor) {}

    boost::asio::awaitable<agent::Result<ipc::Watch::Response>>
    handle(ipc::Watch::Request, ipc::Progress<ipc::Watch>& progress) override {
        for (;;) {
            while (events_.empty()) co_await happened_.wait();
            ipc::Watch::Response response;
            response.event = std::move(events_.front());
            events_.pop_front();
            const auto sent = co_await progress.send(std::move(response));
            if (!sent) co_return sent.error();
        }
    }
    boost::asio::awaitable<agent::Result<ipc::Connect::Response>>
    handle(ipc::Connect::Request request, ipc::Progress<ipc::Connect>&) override {
        connected.set_value(request);
        co_return agent::fail(agent::Errc::controller_unreachable, agent::Hop::controller,
                              "no <answer>", "wait");
    }
    void happen(ipc::Event event) {
        events_.push_back(std::move(event));
        happened_.notify_all();
    }
    bool told_all() const { return events_.empty(); }
    std::promise<ipc::Connect::Request> connected;

  private:
    std::deque<ipc::Event> events_;
    agent::async::Event happened_;
};

/// The agent's side of a desktop, on a thread of its own.
class Telling {
  public:
    explicit Telling(bool enabled = true)
        : notifications_(context_.get_executor(), agent, options(enabled)) {
        ::setenv("DBUS_SESSION_BUS_ADDRESS", bus.address().c_str(), 1);
        ::setenv("PATH", programs.path().c_str(), 1);
        connection_.add(notifications_);
        connection_.start();
        notifications_.start();
        thread_ = std::thread([this] { context_.run(); });
        BusClient client(bus.address());
        REQUIRE(eventually([&] { // it listens before it asks for its name
            return ::sd_bus_get_name_creds(client.bus(), "org.agentd.Test", 0, nullptr) >= 0;
        }));
    }
    ~Telling() {
        boost::asio::co_spawn(context_, stop(), [this](std::exception_ptr) { work_.reset(); });
        thread_.join();
        ::setenv("PATH", path_.c_str(), 1);
        ::unsetenv("DBUS_SESSION_BUS_ADDRESS");
    }
    void happen(const std::string& kind, const std::string& message, ipc::Proxy proxy) {
        ipc::Event event;
        event.kind = kind;
        event.message = message;
        event.proxy = std::move(proxy);
        boost::asio::post(context_, [this, event] { agent.happen(event); });
    }
    /// Returns when all that happened has gone to the bus, and the bus has dealt with it.
    void settle() {
        CHECK(eventually([this] {
            std::promise<bool> told;
            boost::asio::post(context_, [&] { told.set_value(agent.told_all()); });
            return told.get_future().get();
        }));
        BusClient client(
            bus.address()); // its answer comes behind what was said before, on the same connection
        CHECK(::sd_bus_call_method(client.bus(), "org.agentd.Test", "/",
                                   "org.freedesktop.DBus.Peer", "Ping", nullptr, nullptr, "") >= 0);
    }
    static ipc::Proxy proxy() {
        ipc::Proxy proxy;
        proxy.name = "db";
        proxy.target_id = "ttcp_1";
        proxy.cluster = "http://there";
        proxy.address = "127.0.0.1";
        proxy.port = 5432;
        return proxy;
    }

    SessionBus bus;
    TempDir programs;

  private:
    static agentd::Notifications::Options options(bool enabled) {
        agentd::Notifications::Options options;
        options.enabled = [enabled] { return enabled; };
        options.agentctl = "/opt/agentctl";
        return options;
    }
    boost::asio::awaitable<void> stop() {
        co_await notifications_.stop();
        co_await connection_.stop();
    }
    std::string path_ = std::getenv("PATH");
    boost::asio::io_context context_;
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    std::optional<Guard> work_ = Guard(context_.get_executor());

  public:
    TellingAgent agent{context_.get_executor()};

  private:
    agentd::Notifications notifications_;
    ipc::dbus::Connection connection_{context_.get_executor(), "org.agentd.Test"};
    std::thread thread_;
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("notifications: Log in opens a terminal where there is one") {
    Telling telling;
    const auto written = telling.programs / "written";
    const auto terminal = telling.programs.file("x-terminal-emulator", "#!/bin/sh\necho \"$@\" > " +
                                                                           written.string() + "\n");
    std::filesystem::permissions(terminal, std::filesystem::perms::owner_all);
    NotificationServer server(telling.bus.address());
    telling.happen("login-needed", "the login has expired", Telling::proxy());
    REQUIRE(server.pump_until([&] { return server.notes.size() == 1; }));
    CHECK(server.notes[0].actions == std::vector<std::string>{"login", "Log in"});
    server.press(server.notes[0].id, "login");
    CHECK(eventually(
        [&] { return read_text(written) == "-e /opt/agentctl login -addr http://there\n"; }));
}

TEST_CASE("notifications: Log in says the command where there is no terminal") {
    Telling telling;
    NotificationServer server(telling.bus.address());
    telling.happen("login-needed", "the login has expired", Telling::proxy());
    REQUIRE(server.pump_until([&] { return server.notes.size() == 1; }));
    server.press(server.notes[0].id, "login");
    REQUIRE(server.pump_until([&] { return server.notes.size() == 2; }));
    CHECK(contains(server.notes[1].body, "agentctl login -addr http://there"));
    CHECK(server.notes[1].actions.empty());
}

TEST_CASE("notifications: Reconnect makes the proxy again as it was, and says when that fails") {
    Telling telling;
    NotificationServer server(telling.bus.address());
    auto proxy = Telling::proxy();
    proxy.reason = "Session canceled";
    proxy.reason_code = "session-canceled";
    telling.happen("proxy-ended", "Session canceled", proxy);
    REQUIRE(server.pump_until([&] { return server.notes.size() == 1; }));
    CHECK(server.notes[0].actions == std::vector<std::string>{"reconnect", "Reconnect"});
    server.press(server.notes[0].id + 7, "reconnect"); // somebody else's notification
    server.press(server.notes[0].id, "reconnect");
    REQUIRE(server.pump_until([&] { return server.notes.size() == 2; }));
    const auto request = telling.agent.connected.get_future().get();
    CHECK(request.target == "ttcp_1");
    CHECK(request.name == "db");
    CHECK(request.listen_port == 5432);
    CHECK(request.cluster->address == "http://there");
    CHECK(contains(server.notes[1].summary, "could not be reconnected"));
    CHECK(server.notes[1].body == "no ‹answer›; wait"); // never markup
}

TEST_CASE("notifications: one in ten minutes for a proxy and cause, and none when they are "
          "switched off") {
    const bool enabled = GENERATE(true, false);
    Telling telling(enabled);
    NotificationServer server(telling.bus.address());
    for (int i = 0; i < 20; ++i) telling.happen("port-blocked", "taken", Telling::proxy());
    auto other = Telling::proxy();
    other.name = "web";
    telling.happen("port-blocked", "taken", other);
    if (enabled) CHECK(server.pump_until([&] { return server.notes.size() == 2; }));
    CHECK_FALSE(
        server.pump_until([&] { return server.notes.size() > (enabled ? 2U : 0U); }, 500ms));
}

TEST_CASE("notifications: without a server, and without a bus, nothing breaks") {
    Telling telling;
    telling.happen("port-blocked", "taken", Telling::proxy());
    telling.bus.stop();
    auto second = Telling::proxy();
    second.name = "web";
    telling.happen("port-blocked", "taken", second);
    telling.bus.start();
    NotificationServer server(telling.bus.address());
    auto third = Telling::proxy(); // told once the agent is back on the bus
    int number = 0;
    CHECK(server.pump_until([&] {
        third.name = "later" + std::to_string(++number);
        telling.happen("port-blocked", "taken", third);
        return !server.notes.empty();
    }));
}

TEST_CASE("notifications: a session that an administrator cancels is told, and its button brings "
          "the proxy back") {
    LoopbackServer target(serve_greeting("welcome\n"));
    DevEnvironment world({.target_port = target.port()});
    SessionBus bus;
    world.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address();
    NotificationServer server(bus.address());
    world.login();
    const auto proxy = world.connect_detached({"-target-id", target_id, "-name", "db"});
    const auto port = proxy.at("port").get<std::uint16_t>();
    const auto session = world.proxies()[0].at("session_id").get<std::string>();
    const auto connection = connect_loopback(port);
    REQUIRE(connection);
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");

    // From somewhere else: not through this agent.
    const auto version =
        world.agentctl_json({"sessions", "read", "-id", session}).at("item").at("version").dump();
    const auto canceled = run_program({find_on_path("curl"), "-sS", "--fail", "-X", "POST",
                                       world.address() + "/v1/sessions/" + session + ":cancel",
                                       "-H", "Authorization: Bearer " + world.token("admin"), "-d",
                                       "{\"version\":" + version + "}"},
                                      {.environment = world.environment});
    INFO(canceled.out << canceled.err);
    REQUIRE(canceled.exit == 0);
    REQUIRE(server.pump_until([&] { return server.notes.size() == 1; }, 40s));
    CHECK(server.notes[0].summary == "The session of db was canceled");
    CHECK(server.notes[0].actions == std::vector<std::string>{"reconnect", "Reconnect"});

    server.press(server.notes[0].id, "reconnect");
    REQUIRE(server.pump_until([&] { return !world.proxies().empty(); }, 40s));
    const auto again = world.proxies()[0];
    CHECK(again.at("name") == "db");
    CHECK(again.at("port").get<std::uint16_t>() == port);
    CHECK(again.at("session_id") != session);
    CHECK(world.agentctl({"disconnect", "db"}).exit == 0);
}

TEST_CASE(
    "notifications: what found no server is shown when one comes, unless it has settled itself") {
    Telling telling;
    telling.happen("port-blocked", "taken", Telling::proxy());
    telling.happen("login-needed", "the login has expired", Telling::proxy());
    telling.happen("login", "logged in at http://there as default", Telling::proxy());
    auto other = Telling::proxy();
    other.cluster = "http://elsewhere";
    telling.happen("login-needed", "no login there", other);
    telling.settle(); // refused by the bus
    NotificationServer server(telling.bus.address());
    REQUIRE(server.pump_until([&] { return server.notes.size() >= 2; }));
    CHECK(contains(server.notes.front().summary, "Port 5432 of db is taken"));
    CHECK(server.notes.back().body == "no login there");
}
