// agent-supervisor where there is no systemd: agentd comes back, whatever ends it, and nobody is
// refused meanwhile.

#include "callers.hpp"
#include "kept_proxy.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <set>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

void supervised(DevEnvironment& world) {
    world.environment.erase("AGENTD"); // which would mean that program and no supervisor
}

pid_t pid_in(const DevEnvironment& world, const std::string& lock) {
    std::ifstream file(world.folder() / ("run/agentd/" + lock));
    pid_t pid = 0;
    file >> pid;
    return pid;
}
pid_t agent_in(const DevEnvironment& world) {
    return pid_in(world, "agentd.lock");
}
pid_t supervisor_in(const DevEnvironment& world) {
    return pid_in(world, "supervisor.lock");
}

bool gone(pid_t pid) {
    ::waitpid(pid, nullptr, WNOHANG); // this process is the reaper of the detached
    const auto stat = read_text("/proc/" + std::to_string(pid) + "/stat");
    const auto name_end = stat.rfind(')');
    return name_end == std::string::npos || stat.compare(name_end, 3, ") Z") == 0;
}

std::string log_of(const DevEnvironment& world) {
    return read_text(world.folder() / "state/agentd/agentd.log");
}

std::size_t count_in(const std::string& text, const std::string& words) {
    std::size_t found = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
        ++found;
    return found;
}

/// How many listening sockets the present agentd was handed. It answers callers before it tells the
/// supervisor that it is ready, and then the supervisor says it.
int sockets_held(const DevEnvironment& world) {
    const std::string words =
        "supervising agentd pid=" + std::to_string(agent_in(world)) + " sockets=";
    std::size_t said = std::string::npos;
    std::string log;
    CHECK(eventually([&] {
        log = log_of(world);
        said = log.rfind(words);
        return said != std::string::npos && log.find('\n', said) != std::string::npos;
    }));
    return said == std::string::npos ? -1 : std::stoi(log.substr(said + words.size()));
}

/// An agent-supervisor that nobody's agentctl has started.
Process start_supervisor(const DevEnvironment& world, const std::string& program) {
    return Process({AGENT_SUPERVISOR_PROGRAM, program}, {.environment = world.environment});
}

std::string script(const TempDir& folder, const std::string& name, const std::string& text) {
    const auto path = folder.file(name, "#!/bin/sh\n" + text + "\n");
    fs::permissions(path, fs::perms::owner_all);
    return path;
}

ino_t inode_of(const fs::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

} // namespace

TEST_CASE("supervisor: an agentd that is killed comes back by itself, and who calls meanwhile is "
          "answered") {
    DevEnvironment world({.start_server = false});
    supervised(world);
    const auto first = world.agent_pid();
    const auto supervisor = supervisor_in(world);
    REQUIRE(supervisor > 0);
    const auto socket = inode_of(world.folder() / "run/agentd/agent.sock");
    world.environment["AGENTCTL_NO_START"] = "1";
    ::kill(first, SIGKILL);
    const auto second = world.agent_pid(); // waits at the socket
    CHECK(second != first);
    ::kill(second, SIGKILL);
    CHECK(eventually(
        [&] { return agent_in(world) != second && !gone(agent_in(world)); })); // nobody calls
    CHECK(world.agent_pid() == agent_in(world));
    CHECK(supervisor_in(world) == supervisor);
    CHECK_FALSE(gone(supervisor));
    CHECK(inode_of(world.folder() / "run/agentd/agent.sock") == socket);
    CHECK(log_of(world).find("was killed by signal 9; again in 100 ms") != std::string::npos);
}

TEST_CASE("supervisor: where agentd and a proxy are killed at once, nobody is refused at its port "
          "or its socket") {
    KeptProxy it({}, {}, supervised);
    REQUIRE(it.works());
    const auto path = it.proxy().at("socket_path").get<std::string>();
    const auto session = it.session();
    int kills = 0;
    {
        Callers at_port([&] { return connect_loopback(it.port); });
        Callers at_socket([&] { return connect_local(path); });
        for (; kills < 5; ++kills) {
            const auto proxy = it.proxy().at("pid").get<pid_t>();
            const auto agent = agent_in(it.world);
            const int before_port = at_port.answered, before_socket = at_socket.answered;
            ::kill(kills % 2 == 0 ? agent : proxy, SIGKILL);
            ::kill(kills % 2 == 0 ? proxy : agent, SIGKILL);
            CHECK(eventually([&] { return at_port.answered > before_port + 1; }, 60s));
            CHECK(eventually([&] { return at_socket.answered > before_socket + 1; }, 60s));
            const auto replaced = [&] {
                const auto now = it.proxy();
                return !now.is_null() && now.at("pid").get<pid_t>() > 0 &&
                       now.at("pid").get<pid_t>() != proxy;
            };
            CHECK(eventually(replaced, 60s));
            CHECK(agent_in(it.world) != agent);
        }
        at_port.stop();
        at_socket.stop();
        INFO(log_of(it.world));
        CHECK(at_port.refused == 0);
        CHECK(at_socket.refused == 0);
        CHECK(at_port.cut <= kills);
        CHECK(at_socket.cut <= kills);
    }
    CHECK(it.session() == session);
    CHECK(sockets_held(it.world) == 2); // no more than at first
    // What has ended is held by nobody.
    CHECK(it.world.agentctl({"disconnect", "pg"}).exit == 0);
    CHECK_FALSE(connect_loopback(it.port));
    CHECK_FALSE(connect_local(path));
    ::kill(agent_in(it.world), SIGKILL);
    CHECK(it.world.proxies().empty());
    CHECK(sockets_held(it.world) == 0);
}

TEST_CASE("supervisor: an agentd that ends on purpose takes it along, its own end takes agentd "
          "along, proxies live on") {
    KeptProxy it({}, {}, supervised);
    REQUIRE(it.works());
    const auto socket = it.world.folder() / "run/agentd/agent.sock";
    const auto proxy = it.proxy().at("pid").get<pid_t>();
    for (const bool ask_agentd : {true, false}) {
        const auto agent = it.world.agent_pid();
        const auto supervisor = supervisor_in(it.world);
        REQUIRE_FALSE(gone(supervisor));
        ::kill(ask_agentd ? agent : supervisor, SIGTERM);
        CHECK(eventually([&] { return gone(supervisor); }));
        CHECK(gone(agent));
        CHECK_FALSE(fs::exists(socket));
        CHECK_FALSE(fs::exists(it.world.folder() / "run/agentd/supervisor.sock"));
        CHECK(it.works());
    }
    CHECK(it.proxy().at("pid") == proxy); // which starts both again
    // Who calls while it ends is not turned away: again and again, at whatever moment of the end.
    for (int i = 0; i < 3; ++i) {
        const auto ends = [&] { return count_in(log_of(it.world), "stopping signal=15"); };
        const auto before = ends();
        ::kill(it.world.agent_pid(), SIGTERM);
        CHECK(eventually([&] { return ends() > before; }));
        const auto called = it.world.agentctl({"status"});
        INFO(called.err);
        CHECK(called.exit == 0);
    }
}

TEST_CASE("supervisor: a hung agentd is killed by the watchdog and started again") {
    DevEnvironment world({.start_server = false});
    supervised(world);
    world.environment["AGENT_SUPERVISOR_WATCHDOG_MS"] = "4000";
    const auto first = world.agent_pid();
    ::kill(first, SIGSTOP);
    CHECK(eventually([&] { return agent_in(world) != first && !gone(agent_in(world)); }, 60s));
    CHECK(gone(first));
    CHECK(world.agentctl({"status"}).exit == 0);
    CHECK(log_of(world).find("agentd pid=" + std::to_string(first) + " does not answer any more") !=
          std::string::npos);
}

TEST_CASE("supervisor: each start runs what lies there then, and one that only fails is tried less "
          "and less often") {
    DevEnvironment world({.start_server = false});
    const auto program = world.folder() / "agentd";
    fs::create_symlink(AGENTD_PROGRAM, program);
    auto supervisor = start_supervisor(world, program);
    REQUIRE(supervisor.wait_for("supervising agentd", 30s, true));
    const auto first = world.agent_pid();

    const auto broken = script(world.folder(), "broken", "exit 7");
    fs::remove(program);
    fs::create_symlink(broken, program);
    ::kill(first, SIGKILL);
    REQUIRE(supervisor.wait_for("ended with status 7; again in 1600 ms", 60s, true));
    for (const auto* pause :
         {"again in 100 ms", "again in 200 ms", "again in 400 ms", "again in 800 ms"})
        CHECK(supervisor.err().find(pause) != std::string::npos);

    fs::remove(program);
    fs::create_symlink(AGENTD_PROGRAM, program);
    CHECK(world.agent_pid() != first); // has waited
    supervisor.signal(SIGTERM);
    CHECK(supervisor.wait(60s).exit == 0);
}

TEST_CASE("supervisor: the first start's failure is the answer to whoever started it") {
    DevEnvironment world({.start_server = false});
    const auto count = world.folder() / "starts";
    const auto starts = [&] { return count_in(read_text(count), "\n"); };
    const auto failing = script(world.folder(), "failing",
                                "echo x >>" + count.string() + "; echo no luck >&2; exit 7");
    auto first = start_supervisor(world, failing);
    const auto ended = first.wait();
    CHECK(ended.exit == 7);
    CHECK(ended.err == "no luck\n"); // nothing else: agentctl quotes it
    CHECK(starts() == 1);

    const auto dying =
        script(world.folder(), "dying", "echo x >>" + count.string() + "; kill -9 $$");
    auto second = start_supervisor(world, dying);
    CHECK(second.wait().exit == 1);
    CHECK(starts() == 1 + 5);

    auto third = start_supervisor(world, "/nonexistent/agentd");
    const auto none = third.wait();
    CHECK(none.exit == 127);
    CHECK(none.err.find("cannot run /nonexistent/agentd: no such file") != std::string::npos);
    CHECK_FALSE(fs::exists(world.folder() / "run/agentd/agent.sock"));

    // As agentctl shows it: a folder where the lock should be.
    supervised(world);
    fs::remove(world.folder() / "run/agentd/agentd.lock");
    fs::create_directory(world.folder() / "run/agentd/agentd.lock");
    const auto refused = world.agentctl({"status"});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("agentd ended at once: ") != std::string::npos);
    CHECK(refused.err.find("agentd.lock: is a directory") != std::string::npos);
}

TEST_CASE("supervisor: one of each, however many are started, and none beside an agentd that runs "
          "by itself") {
    DevEnvironment world({.start_server = false});
    const auto socket = world.folder() / "run/agentd/agent.sock";
    const auto turned_away = [&] {
        const auto before = inode_of(socket);
        const auto ended = start_supervisor(world, AGENTD_PROGRAM).wait();
        INFO(ended.err);
        CHECK(ended.exit == 0);
        CHECK(ended.err.find("already running") != std::string::npos);
        CHECK(inode_of(socket) == before);
    };
    const auto alone = world.agent_pid(); // AGENTD is set
    turned_away();
    CHECK(world.agent_pid() == alone);
    world.end_agent(SIGTERM);

    supervised(world);
    std::vector<Process> callers;
    for (int i = 0; i < 4; ++i)
        callers.push_back(world.start_agentctl({"status", "-format", "json"}));
    std::set<pid_t> pids;
    for (auto& one : callers) {
        const auto ended = one.wait();
        INFO(ended.err);
        REQUIRE(ended.exit == 0);
        pids.insert(agent::Json::parse(ended.out).at("pid").get<pid_t>());
    }
    CHECK(pids.size() == 1);
    CHECK(*pids.begin() != alone);
    const auto supervisor = supervisor_in(world);
    turned_away();
    CHECK(supervisor_in(world) == supervisor);
    CHECK(world.agent_pid() == *pids.begin());
}

TEST_CASE(
    "supervisor: its own kill -9 ends nothing, and after agentd's end both are started anew") {
    KeptProxy it({}, {}, supervised);
    REQUIRE(it.works());
    const auto agent = it.world.agent_pid();
    const auto first = supervisor_in(it.world);
    ::kill(first, SIGKILL);
    CHECK(eventually([&] { return gone(first); }));
    CHECK(it.world.agent_pid() == agent);
    CHECK(it.works());
    it.kill_proxy(); // agentd is still there for it
    CHECK(eventually([&] { return it.works(); }, 60s));
    CHECK(it.world.agent_pid() == agent);

    it.world.end_agent(SIGKILL);
    const auto second = it.world.agent_pid();
    CHECK(second != agent);
    CHECK_FALSE(gone(supervisor_in(it.world)));
    ::kill(second, SIGKILL);
    ::kill(it.proxy().at("pid").get<pid_t>(), SIGKILL);
    CHECK(eventually([&] { return it.works(); }, 60s));
}

TEST_CASE("supervisor: where nobody could find agentd any more it is not started again: what is "
          "missing is said, exit 2") {
    DevEnvironment world({.start_server = false});
    auto supervisor = start_supervisor(world, AGENTD_PROGRAM);
    REQUIRE(supervisor.wait_for("supervising agentd", 30s, true));
    const auto agent = agent_in(world);
    const std::string missing =
        GENERATE("run", "run/agentd", "run/agentd/agent.sock", "run/agentd/supervisor.sock");
    fs::remove_all(world.folder() / missing);
    CHECK_FALSE(gone(agent)); // as long as that lives, its proxies carry
    ::kill(agent, SIGKILL);
    const auto ended = supervisor.wait(30s);
    INFO(ended.err);
    CHECK(ended.exit == 2);
    const auto* socket = missing.ends_with("supervisor.sock") ? "run/agentd/supervisor.sock"
                                                              : "run/agentd/agent.sock";
    CHECK(ended.err.find((world.folder() / socket).string() + " is gone") != std::string::npos);
    CHECK(ended.err.find("make the runtime folder anew") != std::string::npos);
    CHECK(count_in(ended.err, "again in ") <= 1);

    world.folder().folder("run"); // as it says
    supervised(world);
    CHECK(world.agentctl({"status"}).exit == 0);
}

TEST_CASE(
    "supervisor: one whose folder another has taken over takes nothing of it away at its end") {
    DevEnvironment world({.start_server = false});
    auto first = start_supervisor(world, AGENTD_PROGRAM);
    REQUIRE(first.wait_for("supervising agentd", 30s, true));
    const auto agent = agent_in(world);
    fs::remove_all(world.folder() / "run/agentd");
    auto second = start_supervisor(world, AGENTD_PROGRAM);
    REQUIRE(second.wait_for("supervising agentd", 30s, true));
    ::kill(agent, SIGKILL);
    CHECK(first.wait(30s).exit == 2);
    CHECK(fs::exists(world.folder() / "run/agentd/supervisor.sock"));
    world.environment["AGENTCTL_NO_START"] = "1";
    CHECK(world.agent_pid() == agent_in(world));
    second.signal(SIGTERM);
    CHECK(second.wait(60s).exit == 0);
}
