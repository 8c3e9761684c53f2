// The agent as a service of a real `systemd --user`: socket activation, restarts that nobody
// notices, start at login.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/user_manager.hpp"

#include <csignal>
#include <regex>

using namespace agent::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A dev server whose target sends back what it gets, and a person whose agent is a service.
struct LoggedInUser {
    LoopbackServer target{serve_greeting("welcome\n")};
    DevEnvironment world{{.target_port = target.port()}};
    UserManager manager{TEST_UNITS};

    LoggedInUser() {
        for (const auto& [name, value] : manager.environment())
            if (name != "PATH") world.environment[name] = value;
        world.environment.erase("AGENTD");
    }
    /// The pid that the agent answers with.
    pid_t agent_pid() { return world.agentctl_json({"status"}).at("pid").get<pid_t>(); }
    pid_t service_pid() { return std::stoi("0" + manager.property("agentd.service", "MainPID")); }
    /// The units of running proxies.
    std::string proxy_units() {
        return manager
            .systemctl({"list-units", "--plain", "--no-legend", "--state=active", "agent-proxy@*"})
            .out;
    }
    /// agentctl WORDS, which must exit 0; else it says what it said, and what the agent logged.
    void succeeds(std::vector<std::string> words) {
        std::string command;
        for (const auto& word : words) command += " " + word;
        const auto ended = world.agentctl(std::move(words));
        INFO("agentctl" << command << "\n" << ended.out << ended.err << manager.log());
        CHECK(ended.exit == 0);
    }
    /// A connection through the proxy that has been greeted.
    agent::UniqueFd greeted(std::uint16_t port) {
        auto connection = connect_loopback(port);
        REQUIRE(connection);
        CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
        return connection;
    }
};

bool echoes(const agent::UniqueFd& connection) {
    return send_all(connection.get(), "ping\n") && receive_exactly(connection.get(), 5) == "ping\n";
}

double exposure(const std::string& unit) {
    Process::Options options;
    const TempDir runtime;
    options.environment = {{"XDG_RUNTIME_DIR", runtime.path()}, {"LANG", "C.UTF-8"}};
    const auto ended = run_program({"/usr/bin/systemd-analyze", "security", "--user",
                                    "--offline=true", "--no-pager", fs::path(TEST_UNITS) / unit},
                                   options);
    INFO(ended.out << ended.err);
    std::smatch found;
    REQUIRE(std::regex_search(ended.out, found,
                              std::regex("Overall exposure level for [^:]*: ([0-9.]+)")));
    return std::stod(found[1]);
}

} // namespace

TEST_CASE("systemd: the sandbox is as tight as the README says") {
    CHECK(exposure("agent-proxy@.service") <= 2.0);
    CHECK(exposure("agentd.service") <= 3.0);
}

TEST_CASE("systemd: memory and tasks are bounded, and what the programs give up by themselves is "
          "not kept from them") {
    LoggedInUser user;
    user.world.login();
    const auto listening = user.world.connect_detached({"-target-id", target_id, "-name", "pg"});
    CHECK(echoes(user.greeted(listening.at("port").get<std::uint16_t>())));
    const auto bound = [&](const std::string& unit, const std::string& property) {
        return std::stoll("0" + user.manager.property(unit, property)); // "infinity": 0
    };
    const auto proxy = user.proxy_units().substr(0, user.proxy_units().find(' '));
    CHECK(bound("agentd.service", "MemoryMax") == 512LL << 20);
    CHECK(bound("agentd.service", "TasksMax") == 1024);
    CHECK(bound(proxy, "MemoryMax") == 1LL << 30);
    CHECK(bound(proxy, "TasksMax") == 32);

    const auto log = user.manager.log();
    INFO(log);
    CHECK(log.find("no Landlock here: Operation not permitted") == std::string::npos);
    CHECK(log.find("no seccomp filter here") == std::string::npos);
}

TEST_CASE(
    "systemd: the first command starts the service, and a command that comes meanwhile waits") {
    LoggedInUser user;
    const auto first = user.agent_pid();
    CHECK(first == user.service_pid());
    CHECK(user.manager.property("agentd.socket", "ActiveState") == "active");
    CHECK(user.manager.systemctl({"stop", "agentd.service"}).exit == 0);
    CHECK(user.service_pid() == 0);
    // The socket alone is enough.
    const auto second = user.agent_pid();
    CHECK(second != first);
    CHECK(second == user.service_pid());
}

TEST_CASE("systemd: a restart refuses no connection and ends none, and the login is still there") {
    LoggedInUser user;
    user.world.login();
    const auto listening = user.world.connect_detached({"-target-id", target_id, "-name", "pg"});
    const auto port = listening.at("port").get<std::uint16_t>();
    const auto before = user.greeted(port);
    const auto first = user.service_pid();
    REQUIRE(first != 0);

    Process::Options options;
    options.environment = user.manager.environment();
    Process restart({"/bin/systemctl", "--user", "restart", "agentd.service"}, options);
    int rounds = 0;
    for (; rounds == 0 || (restart.running() && rounds < 1000); ++rounds) {
        CHECK(echoes(before));
        CHECK(echoes(user.greeted(port)));
        user.succeeds({"list"});
    }
    CHECK(restart.wait().exit == 0);
    INFO(rounds << " rounds while it restarted");

    CHECK(echoes(before));
    const auto second = user.service_pid();
    CHECK(second != first);
    const auto proxies = user.world.proxies();
    REQUIRE(proxies.size() == 1);
    CHECK(proxies[0].at("name") == "pg");
    CHECK(proxies[0].at("port") == port);
    // The new agent is in another user namespace, and yet finds the login in the kernel's keyring.
    user.succeeds({"targets", "list", "-scope-id", project_id});
    user.succeeds({"disconnect", "pg"});
}

TEST_CASE("systemd: commands that change something wait for the next agent as well, and none is "
          "carried out twice") {
    LoggedInUser user;
    user.world.login();
    REQUIRE(user.service_pid() > 1);
    Process::Options options;
    options.environment = user.manager.environment();
    int made = 0;
    for (int restarts = 0; restarts < 3; ++restarts) {
        Process restart({"/bin/systemctl", "--user", "restart", "agentd.service"}, options);
        for (const int before = made; made == before || (restart.running() && made < 60);) {
            ++made;
            user.succeeds(
                {"clusters", "add", "c" + std::to_string(made), "-addr", "http://127.0.0.1:1"});
            user.succeeds({"clusters", "list"});
        }
        CHECK(restart.wait().exit == 0);
    }
    const auto known = user.world.agentctl_json({"clusters", "list"}).at("items");
    int ours = 0;
    for (const auto& one : known) ours += one.at("name").get<std::string>().starts_with("c");
    CHECK(ours == made);
}

TEST_CASE("systemd: who asks while the agent is killed is answered by the next one") {
    LoggedInUser user;
    user.world.login();
    for (int kills = 0; kills < 3; ++kills) {
        const auto victim = user.service_pid();
        REQUIRE(victim > 1);
        // Under way before, at and after the kill: some are in the queue, some are read, some are
        // being answered.
        std::vector<Process> askers;
        for (int i = 0; i < 12; ++i) {
            askers.push_back(user.world.start_agentctl({"list"}));
            askers.push_back(
                user.world.start_agentctl({"targets", "list", "-scope-id", project_id}));
            if (i == 6) ::kill(victim, SIGKILL);
        }
        for (auto& one : askers) {
            const auto ended = one.wait();
            INFO(ended.out << ended.err << user.manager.log());
            CHECK(ended.exit == 0);
        }
        CHECK(user.service_pid() != victim);
    }
}

TEST_CASE("systemd: a proxy is a unit of its own, sees no file but its own and no login, and is "
          "gone when it ends") {
    LoggedInUser user;
    user.world.login();
    const auto listening = user.world.connect_detached({"-target-id", target_id, "-name", "pg"});
    CHECK(echoes(user.greeted(listening.at("port").get<std::uint16_t>())));
    INFO(user.manager.log());
    CHECK(user.proxy_units().starts_with("agent-proxy@"));

    const auto proxies = user.world.proxies();
    REQUIRE(proxies.size() == 1);
    const auto pid = std::to_string(proxies[0].at("pid").get<pid_t>());
    const auto status = read_text("/proc/" + pid + "/status");
    CHECK(status.find("NoNewPrivs:\t1") != std::string::npos);
    CHECK(status.find("Seccomp:\t2") != std::string::npos);
    CHECK(status.find("CapEff:\t0000000000000000") != std::string::npos);
    CHECK(read_text("/proc/" + pid + "/cgroup").find("/agent-proxy@") != std::string::npos);
    const auto seen =
        fs::path("/proc/" + pid + "/root" + (user.manager.runtime() / "agentd").string());
    CHECK(fs::exists(seen / "connect/pg.sock"));
    CHECK_FALSE(fs::exists(seen / "agent.sock"));

    CHECK(user.world.agentctl({"disconnect", "pg"}).exit == 0);
    CHECK(eventually([&] { return user.proxy_units().empty(); }));
}

TEST_CASE("systemd: where the unit cannot be started, the proxy is started without it") {
    LoggedInUser user;
    user.world.login();
    user.manager.override_unit("agent-proxy@.service",
                               "[Service]\nExecStart=\nExecStart=/bin/false\n");
    const auto listening = user.world.connect_detached({"-target-id", target_id, "-name", "pg"});
    CHECK(echoes(user.greeted(listening.at("port").get<std::uint16_t>())));
    CHECK(user.proxy_units().empty());
    CHECK(user.manager.log().find("without systemd from now on") != std::string::npos);
    // It lives in agentd's control group, and a restart leaves it.
    const auto connection = user.greeted(listening.at("port").get<std::uint16_t>());
    CHECK(user.manager.systemctl({"restart", "agentd.service"}).exit == 0);
    CHECK(echoes(connection));
    CHECK(user.world.agentctl({"disconnect", "pg"}).exit == 0);
}

TEST_CASE("systemd: a credential of the service opens the file that logins are kept in, another "
          "one does not") {
    LoggedInUser user;
    const auto with_credential = [&](const std::string& text) {
        const auto file = user.world.folder().file("agentd-keyring", text);
        user.manager.override_unit(
            "agentd.service", "[Service]\nLoadCredential=agentd-keyring:" + file.string() + "\n");
        if (user.service_pid() != 0)
            CHECK(user.manager.systemctl({"restart", "agentd.service"}).exit == 0);
    };
    const auto signed_in = [&] {
        return user.world.agentctl({"targets", "read", "-id", target_id}).exit == 0;
    };
    with_credential("a passphrase");
    const auto in = user.world.agentctl(
        {"login", "-login-name", "admin", "-password", "env://PW", "-keyring-type", "file"});
    INFO(in.out << in.err << user.manager.log());
    REQUIRE(in.exit == 0);
    CHECK(user.manager.systemctl({"restart", "agentd.service"}).exit == 0);
    CHECK(signed_in());
    with_credential("another passphrase");
    CHECK_FALSE(signed_in());
    CHECK(user.manager.log().find("sealed with another key") != std::string::npos);
    with_credential("a passphrase");
    CHECK(signed_in());
}

TEST_CASE("systemd: an agent that is killed is started again, and adopts its proxies") {
    LoggedInUser user;
    user.world.login();
    const auto port = user.world.connect_detached({"-target-id", target_id, "-name", "pg"})
                          .at("port")
                          .get<std::uint16_t>();
    const auto connection = user.greeted(port);
    const auto first = user.service_pid();
    REQUIRE(first > 1);
    ::kill(first, SIGKILL);
    CHECK(user.world.proxies().size() == 1); // waits at the socket
    CHECK(user.service_pid() != first);
    CHECK(echoes(connection));
}

TEST_CASE("systemd: where agentd and a proxy are killed at once, the manager holds the port and "
          "nobody is refused") {
    LoggedInUser user;
    user.world.login();
    REQUIRE(
        user.world.agentctl({"connect", "-target-id", target_id, "-name", "pg", "-keep"}).exit ==
        0);
    const auto shown = [&] { return user.world.proxies().at(0); };
    const auto port = shown().at("port").get<std::uint16_t>();
    user.greeted(port);
    int refused = 0, greeted = 0;
    const auto proxy = shown().at("pid").get<pid_t>();
    const auto agent = user.service_pid();
    REQUIRE(agent > 1);
    ::kill(agent, SIGKILL);
    ::kill(proxy, SIGKILL);
    for (int i = 0; i < 3; ++i) {
        const auto connection = connect_loopback(port);
        refused += !connection;
        greeted += connection && receive_exactly(connection.get(), 8) == "welcome\n";
    }
    INFO(user.manager.log());
    CHECK(refused == 0);
    CHECK(greeted == 3);
    CHECK(shown().at("port") == port);
    CHECK(shown().at("pid") != proxy);
    CHECK(user.service_pid() != agent);

    // What has ended is kept by nobody.
    CHECK(user.world.agentctl({"disconnect", "pg"}).exit == 0);
    CHECK_FALSE(connect_loopback(port));
    CHECK(user.manager.property("agentd.service", "NFileDescriptorStore") == "0");
}

TEST_CASE("systemd: an agent that hangs is killed by the watchdog and started again") {
    LoggedInUser user;
    user.manager.override_unit("agentd.service", "[Service]\nWatchdogSec=4\n");
    REQUIRE(user.world.agentctl({"start"}).exit == 0);
    const auto first = user.service_pid();
    REQUIRE(first > 1);
    ::kill(first, SIGSTOP);
    const auto restarted = [&] {
        return user.manager.property("agentd.service", "NRestarts") == "1";
    };
    const bool replaced = eventually([&] { return restarted() && user.service_pid() > 1; }, 40s);
    INFO(user.manager.log());
    CHECK(replaced);
    const auto second = user.service_pid();
    CHECK(second != first);
    // It says in time that it lives: two periods later it is the same process.
    const auto since = std::chrono::steady_clock::now();
    CHECK(eventually([&] { return std::chrono::steady_clock::now() - since > 9s; }, 30s));
    CHECK(user.service_pid() == second);
    CHECK(restarted());
}

TEST_CASE("systemd: enable starts the agent now and at login, also in the place of one that was "
          "started by hand") {
    LoggedInUser user;
    user.world.environment["AGENTD"] = AGENTD_PROGRAM;
    user.world.login(); // starts it detached
    const auto port = user.world.connect_detached({"-target-id", target_id, "-name", "pg"})
                          .at("port")
                          .get<std::uint16_t>();
    const auto connection = user.greeted(port);
    user.world.environment.erase("AGENTD");

    const auto enabled = user.world.agentctl({"enable"}, 40s);
    CHECK(enabled.err == "");
    CHECK(enabled.exit == 0);
    CHECK(enabled.out.find("loginctl enable-linger") != std::string::npos);
    CHECK(user.manager.systemctl({"is-enabled", "agentd.socket", "agentd.service"}).out ==
          "enabled\nenabled\n");
    CHECK(user.agent_pid() == user.service_pid());
    CHECK(echoes(connection));
    CHECK(user.world.proxies().size() == 1);

    CHECK(user.world.agentctl({"disable"}).exit == 0);
    CHECK(user.manager.systemctl({"is-enabled", "agentd.socket", "agentd.service"}).out ==
          "disabled\ndisabled\n");
    CHECK(user.service_pid() > 1);
    CHECK(user.world.agentctl({"disconnect", "pg"}).exit == 0);
}

#ifdef AGENT_SUPERVISOR_PROGRAM
TEST_CASE("systemd: enable ends an agent-supervisor too, which would start its agent again") {
    LoggedInUser user;
    Process supervisor({AGENT_SUPERVISOR_PROGRAM, AGENTD_PROGRAM},
                       {.environment = user.world.environment});
    REQUIRE(supervisor.wait_for("supervising agentd", 30s, true));
    user.world.login();
    const auto enabled = user.world.agentctl({"enable"}, 60s);
    CHECK(enabled.err == "");
    CHECK(enabled.exit == 0);
    CHECK(supervisor.wait().exit == 0);
    CHECK(user.agent_pid() == user.service_pid());
    CHECK(user.service_pid() > 1);
    CHECK(user.world.agentctl({"disable"}).exit == 0);
}
#endif
