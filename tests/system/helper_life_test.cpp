// How long a proxy lives that was asked for with -die-with-parent, and what is said when the port
// that one wants is taken.

#include "support/brokering_world.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

struct TiedWorld {
    LoopbackServer target{serve_echo};
    DevEnvironment world{{.target_port = target.port()}};

    TiedWorld() { world.login(); }
    /// A shell that starts agentctl and waits for it.
    Process shell(const std::string& words) const {
        return Process({"/bin/sh", "-c", std::string(AGENTCTL_PROGRAM) + " " + words + "; :"},
                       {.environment = world.environment});
    }
    /// No proxy, and no session that lives.
    bool all_over() {
        if (!world.proxies().empty()) return false;
        const auto listed = world.agentctl_json({"sessions", "list", "-scope-id", project_id});
        for (const auto& one : listed.at("items"))
            if (one.at("status") != "terminated" && one.at("status") != "canceling") return false;
        return true;
    }
};

/// How often agentd, whichever it is, was told that a proxy ends with this process.
std::size_t times_tied(const DevEnvironment& world, pid_t pid) {
    const auto log = read_text(world.folder() / "state/agentd/agentd.log");
    const auto line = " is tied to pid=" + std::to_string(pid) + "\n";
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find(line, at)) != std::string::npos; at += line.size())
        ++count;
    return count;
}

const std::string to_target = "connect -target-id " + target_id;

} // namespace

TEST_CASE("die with parent: the proxy and its session end when agentctl's parent is killed") {
    TiedWorld it;
    auto shell = it.shell(to_target + " -die-with-parent");
    REQUIRE(shell.wait_for("Session ID"));
    REQUIRE(it.world.proxies().size() == 1);
    shell.signal(SIGKILL);
    CHECK(eventually([&] { return it.all_over(); }));
    CHECK(shell.wait(30s).exit == 128 + SIGKILL); // and nobody holds its output any more
}

TEST_CASE(
    "die with parent: the same when agentctl itself is killed, also by the variable, and after "
    "agentd was killed meanwhile") {
    TiedWorld it;
    const bool by_variable = GENERATE(false, true);
    const bool agent_killed = GENERATE(false, true);
    std::vector<std::string> words{"connect", "-target-id", target_id};
    if (by_variable)
        it.world.environment["AGENTCTL_DIE_WITH_PARENT"] = "1";
    else
        words.emplace_back("-die-with-parent");
    auto agentctl = it.world.start_agentctl(words);
    REQUIRE(agentctl.wait_for("Session ID"));
    if (agent_killed) {
        const auto before = it.world.agent_pid();
        const auto tied = times_tied(it.world, agentctl.pid());
        it.world.end_agent(SIGKILL);
        // agentctl starts the next one and follows the proxy there.
        REQUIRE(eventually([&] { return it.world.agent_pid() != before; }));
        REQUIRE(eventually([&] { return it.world.proxies().size() == 1; }));
        REQUIRE(eventually([&] { return times_tied(it.world, agentctl.pid()) > tied; }));
    }
    agentctl.signal(SIGKILL);
    CHECK(eventually([&] { return it.all_over(); }));
}

TEST_CASE("die with parent: a command beside the proxy ends as well, though it ignores SIGTERM") {
    TiedWorld it;
    auto shell = it.shell(to_target + " -die-with-parent -exec sh -- -c "
                                      "'trap \"\" TERM; echo up; exec sleep 60'");
    REQUIRE(shell.wait_for("up"));
    shell.signal(SIGKILL);
    CHECK(eventually([&] { return it.all_over(); }));
    CHECK(shell.wait(40s).exit == 128 + SIGKILL);
}

TEST_CASE("die with parent: a detached proxy ends with whoever started agentctl") {
    TiedWorld it;
    auto shell = it.shell(to_target + " -die-with-parent -detach; sleep 60");
    REQUIRE(shell.wait_for("Session ID"));
    REQUIRE(it.world.proxies().size() == 1);
    shell.signal(SIGKILL);
    CHECK(eventually([&] { return it.all_over(); }));
}

TEST_CASE("die with parent: without it a killed agentctl leaves its proxy, and what is kept is not "
          "meant by the variable") {
    TiedWorld it;
    auto agentctl = it.world.start_agentctl({"connect", "-target-id", target_id});
    REQUIRE(agentctl.wait_for("Session ID"));
    agentctl.signal(SIGKILL);
    agentctl.wait();
    it.world.environment["AGENTCTL_DIE_WITH_PARENT"] = "1";
    it.world.connect_detached({"-target-id", target_id, "-keep", "-name", "kept"});
    CHECK(it.world.proxies().size() == 2);
    const auto both =
        it.world.agentctl({"connect", "-target-id", target_id, "-keep", "-die-with-parent"});
    CHECK(both.exit == 3);
    for (const auto& proxy : it.world.proxies())
        it.world.agentctl({"disconnect", proxy.at("name").get<std::string>()});
}

TEST_CASE("busy port: a default client port that somebody holds is exit code 2 with the holder's "
          "name, and no session stays") {
    LoopbackServer target(serve_echo);
    LoopbackServer holder(serve_echo);
    BrokeringWorld world(target.port(), {}, holder.port());
    const auto ended = world.run("", {});
    INFO(ended.err);
    CHECK(ended.exit == 2);
    CHECK(ended.err.find("listen on " + holder.address() + ": bind: address already in use: ") !=
          std::string::npos);
    CHECK(ended.err.find("in use by system_helper_life_test (pid ") != std::string::npos);
    CHECK(world->proxies().empty());
    // Another port is one flag away, with a helper as well.
    const auto other =
        world.run("http", {"-listen-port", std::to_string(refusing_port()), "-exec", "echo"});
    CHECK(other.exit == 0);
}

TEST_CASE("busy port: a port that a proxy of ours holds is named by the proxy's name") {
    LoopbackServer target(serve_echo);
    const auto port = refusing_port();
    BrokeringWorld world(target.port(), {}, port);
    const auto first = world.run("", {"-detach", "-name", "first"});
    REQUIRE(first.exit == 0);
    for (const auto& words : {std::vector<std::string>{}, {"-listen-port", std::to_string(port)}}) {
        const auto ended = world.run("", words);
        INFO(ended.err);
        CHECK(ended.exit == 2);
        CHECK(ended.err.find("address already in use") != std::string::npos);
        CHECK(ended.err.find("in use by your own proxy first") != std::string::npos);
        CHECK(ended.err.find("agentctl attach first") != std::string::npos);
    }
    // The same after a restart of agentd, which then holds the socket as well.
    world->end_agent(SIGKILL);
    CHECK(world.run("", {}).err.find("in use by your own proxy first") != std::string::npos);
    CHECK(world->agentctl({"disconnect", "first"}).exit == 0);
    CHECK(world.run("http", {"-exec", "echo"}).exit == 0);
}
