// Agent-proxies that hang (a worker, a bug, SIGSTOP as here): what agentctl says of them is true,
// and they come back.

#include "kept_proxy.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <fstream>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// It has ended, whoever waits for it.
bool gone(pid_t pid) {
    ::waitpid(pid, nullptr, WNOHANG); // this process is the reaper of the detached
    const auto stat = read_text("/proc/" + std::to_string(pid) + "/stat");
    const auto name_end = stat.rfind(')');
    return name_end == std::string::npos || stat.compare(name_end, 3, ") Z") == 0;
}

/// A proxy whose process stands still from now on.
struct Frozen {
    pid_t pid = 0;
    std::uint16_t port = 0;
    std::string session, path;

    Frozen(KeptProxy& it, const std::string& name) {
        const auto proxy = it.proxy(name);
        REQUIRE_FALSE(proxy.is_null());
        pid = proxy.at("pid").get<pid_t>();
        port = proxy.at("port").get<std::uint16_t>();
        session = proxy.at("session_id").get<std::string>();
        path = proxy.at("socket_path").get<std::string>();
        REQUIRE(::kill(pid, SIGSTOP) == 0);
    }
    ~Frozen() { ::kill(pid, SIGKILL); } // the tests' own: also where agentd has left it
    Frozen(const Frozen&) = delete;

    void check_ended(KeptProxy& it) const {
        INFO("pid=" << pid << " port=" << port << " session=" << session);
        CHECK(gone(pid));
        CHECK_FALSE(connect_loopback(port));
        CHECK_FALSE(connect_local(path));
        CHECK_FALSE(std::filesystem::exists(path));
        CHECK(eventually([&] { // where nobody waits for it the agent goes on by itself
            const auto status = it.status_of(session);
            return status == "canceling" || status == "terminated";
        }));
    }
};

std::size_t control_sockets(KeptProxy& it) {
    const std::filesystem::directory_iterator files(it.world.folder() / "run/agentd/proxies");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// Pings follow each other closely.
void impatient(DevEnvironment& world) {
    world.environment["AGENTD_PING_MS"] = "700";
}

} // namespace

TEST_CASE("hung: disconnect ends a proxy that does not answer, and says so") {
    KeptProxy it;
    REQUIRE(it.works());
    const Frozen frozen(it, "pg");
    const auto ended = it.world.agentctl({"disconnect", "pg"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("Proxy pg did not answer and was killed, its session is canceled.") !=
          std::string::npos);
    frozen.check_ended(it);
    CHECK(control_sockets(it) == 0);
    CHECK(it.proxy().is_null());
    CHECK(it.world.agentctl({"why", "pg"}).out.find("did not answer and was killed") !=
          std::string::npos);

    const auto again = it.world.agentctl({"reconnect", "pg"}, 60s);
    INFO(again.out << again.err);
    CHECK(again.exit == 0);
    CHECK(it.proxy().at("port") == it.port);
    CHECK(it.works());
}

TEST_CASE("hung: -forget, reload and logout end theirs as well") {
    KeptProxy it;
    const auto file = it.world.folder() / "config/agentd/config.toml";
    std::filesystem::create_directories(file.parent_path());
    const auto declare = [&](const std::string& proxies) {
        std::ofstream(file) << "[cluster.dev]\naddress = \"" << it.world.address() << "\"\n"
                            << proxies;
        return it.world.agentctl({"reload"}, 60s);
    };
    REQUIRE(declare("[proxy.declared]\neager = true\ntarget = \"" + target_id + "\"\n").exit == 0);
    REQUIRE(eventually([&] {
        const auto declared = it.proxy("declared");
        return !declared.is_null() && declared.at("session_id") != "";
    }));
    REQUIRE_FALSE(
        it.world.connect_detached({"-target-id", target_id, "-name", "transient"}).is_null());
    REQUIRE(it.works());
    {
        const Frozen kept(it, "pg"), declared(it, "declared");
        auto forgetting = it.world.start_agentctl({"disconnect", "-forget", "pg"});
        const auto reloaded = declare("");
        INFO(reloaded.out << reloaded.err);
        CHECK(reloaded.exit == 0);
        const auto forgotten = forgetting.wait();
        INFO(forgotten.out << forgotten.err);
        CHECK(forgotten.exit == 0);
        kept.check_ended(it);
        declared.check_ended(it);
        CHECK(it.world.agentctl({"reconnect", "pg"}).exit == 2);
    }
    const Frozen transient(it, "transient");
    CHECK(it.world.agentctl({"logout"}).exit == 0);
    CHECK(eventually([&] { return gone(transient.pid); }, 60s));
    it.world.login();
    CHECK(eventually([&] { return it.proxy("transient").is_null(); }, 60s));
    transient.check_ended(it);
    CHECK(it.living_sessions() == 0);
}

TEST_CASE("hung: a proxy that hangs is started again on its port with its session, and who waits "
          "there is served") {
    KeptProxy it({}, {}, impatient);
    REQUIRE(it.works());
    REQUIRE_FALSE(
        it.world.connect_detached({"-target-id", target_id, "-name", "transient"}).is_null());
    for (const std::string name : {"pg", "transient"}) {
        const Frozen frozen(it, name);
        const auto at_port = connect_loopback(frozen.port);
        const auto at_socket = connect_local(frozen.path);
        REQUIRE(send_all(at_port.get(), "hello\n"));
        REQUIRE(send_all(at_socket.get(), "hello\n"));
        CHECK(receive_patiently(at_port.get(), 6, 60s) == "hello\n");
        CHECK(receive_patiently(at_socket.get(), 6, 60s) == "hello\n");
        CHECK(gone(frozen.pid));
        const auto now = it.proxy(name);
        REQUIRE_FALSE(now.is_null());
        CHECK(now.at("pid") != frozen.pid);
        CHECK(now.at("port") == frozen.port);
        CHECK(now.at("session_id") == frozen.session);
        const auto why = it.world.agentctl({"why", name});
        CHECK(why.out.find("did not answer, was killed and is started again") != std::string::npos);
    }
    CHECK(it.living_sessions() == 2);
}

TEST_CASE("hung: one that hangs when an agentd starts does not keep the port from its successor") {
    KeptProxy it;
    REQUIRE(it.works());
    const Frozen frozen(it, "pg");
    it.world.end_agent(SIGKILL);
    CHECK(it.world.agentctl({"status"}, 90s).exit == 0);
    CHECK(eventually([&] { return gone(frozen.pid); }, 60s));
    CHECK(eventually([&] { return it.works(); }, 60s));
    CHECK(it.proxy().at("port") == it.port);
    CHECK(it.session() == frozen.session);
    CHECK(control_sockets(it) == 1);
}

TEST_CASE("hung: reconnect of a proxy that does not answer brings it back") {
    KeptProxy it;
    REQUIRE(it.works());
    const Frozen frozen(it, "pg");
    const auto again = it.world.agentctl({"reconnect", "pg"}, 90s);
    INFO(again.out << again.err);
    CHECK(again.exit == 0);
    CHECK(gone(frozen.pid));
    CHECK(it.works());
    CHECK(it.proxy().at("port") == it.port);
}
