// config.toml: what it declares is up, an edit touches only what differs, and a mistake touches
// nothing.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <csignal>
#include <fstream>

using namespace agent::test;
namespace fs = std::filesystem;

namespace {

struct DeclaredWorld {
    LoopbackServer target{serve_greeting("welcome\n")};
    DevEnvironment world{{.target_port = target.port()}};
    fs::path file = world.folder() / "config/agentd/config.toml";

    DeclaredWorld() { fs::create_directories(file.parent_path()); }

    /// One cluster, these proxies to its target, and `more`.
    void declare(const std::vector<std::string>& names, const std::string& more = {}) {
        std::ofstream text(file);
        text << "[cluster.dev]\naddress = \"" << world.address() << "\"\n";
        for (const auto& name : names)
            text << "[proxy." << name << "]\ntarget = \"" << target_id << "\"\n";
        text << more;
    }
    std::map<std::string, agent::Json> proxies() {
        std::map<std::string, agent::Json> found;
        for (const auto& proxy : world.proxies())
            found[proxy.at("name").get<std::string>()] = proxy;
        return found;
    }
    bool has(const std::vector<std::string>& names) {
        const auto found = proxies();
        return found.size() == names.size() &&
               std::ranges::all_of(names, [&](const auto& name) { return found.contains(name); });
    }
    agent::UniqueFd greeted(const std::string& name) {
        auto connection = connect_loopback(proxies().at(name).at("port").get<std::uint16_t>());
        REQUIRE(connection);
        CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
        return connection;
    }
};

bool echoes(const agent::UniqueFd& connection) {
    return send_all(connection.get(), "ping\n") && receive_exactly(connection.get(), 5) == "ping\n";
}

} // namespace

TEST_CASE("config.toml: what is declared is up after the start, on the same port after the next") {
    DeclaredWorld user;
    user.declare({"pg", "web"});
    user.world.login();
    REQUIRE(eventually([&] { return user.has({"pg", "web"}); }));
    CHECK(echoes(user.greeted("pg")));
    const auto port = user.proxies().at("pg").at("port");
    user.world.end_agent(SIGTERM);
    REQUIRE(eventually([&] { return user.has({"pg", "web"}); }));
    CHECK(user.proxies().at("pg").at("port") == port);
    CHECK(echoes(user.greeted("pg")));
}

TEST_CASE("reload: only what differs is touched") {
    DeclaredWorld user;
    user.declare({"gone", "stays"});
    user.world.login();
    REQUIRE(eventually([&] { return user.has({"gone", "stays"}); }));
    const auto connection = user.greeted("stays");
    const auto before = user.proxies().at("stays");

    user.declare({"new", "stays"});
    const auto reloaded = user.world.agentctl_json({"reload"});
    CHECK(reloaded.at("added") == agent::Json{"new"});
    CHECK(reloaded.at("removed") == agent::Json{"gone"});
    CHECK(reloaded.at("changed").empty());
    CHECK(user.has({"new", "stays"}));
    CHECK(echoes(connection));
    CHECK(user.proxies().at("stays").at("pid") == before.at("pid"));
    CHECK(user.world.agentctl({"reload"}).out == "No proxy has changed.\n");

    user.declare({"new"},
                 "[proxy.stays]\ntarget = \"" + target_id + "\"\nafter_cancel = \"reauthorize\"\n");
    CHECK(user.world.agentctl({"reload"}).out == "Changed: stays\n");
    CHECK(user.proxies().at("stays").at("port") == before.at("port"));
    CHECK(echoes(user.greeted("stays")));
}

TEST_CASE("config.toml: a session that nobody uses for inactive_timeout is given back, and the "
          "port stays") {
    DeclaredWorld user;
    user.declare({}, "[proxy.pg]\ntarget = \"" + target_id + "\"\ninactive_timeout = \"1s\"\n");
    user.world.login();
    REQUIRE(eventually([&] { return user.has({"pg"}); }));
    CHECK(echoes(user.greeted("pg"))); // and hangs up
    const auto idle = [&] { return user.proxies().at("pg").at("session_id") == ""; };
    REQUIRE(eventually(idle, std::chrono::seconds(30)));
    CHECK(echoes(user.greeted("pg")));
}

TEST_CASE(
    "reload: a file with a mistake changes nothing, and the mistake is named with its place") {
    DeclaredWorld user;
    user.declare({"pg"});
    user.world.login();
    REQUIRE(eventually([&] { return user.has({"pg"}); }));
    const auto connection = user.greeted("pg");
    user.declare({}, "[proxy.pg]\ntarget = 5\nprot = 1\n");
    const auto refused = user.world.agentctl({"reload"});
    CHECK(refused.exit == 3);
    CHECK(refused.err.find(user.file.string() + ":4:10: proxy.pg: target must be a string") !=
          std::string::npos);
    CHECK(refused.err.find(user.file.string() + ":5:1: proxy.pg: prot is not known") !=
          std::string::npos);
    CHECK(user.world.agentctl({"config", "check"}).exit == 3);
    CHECK(user.has({"pg"}));
    CHECK(echoes(connection));
}

TEST_CASE("reload: SIGHUP does it too, and ends nothing") {
    DeclaredWorld user;
    user.declare({});
    user.world.login();
    const auto agent = user.world.agent_pid();
    user.declare({"pg"});
    ::kill(agent, SIGHUP);
    CHECK(eventually([&] { return user.has({"pg"}); }));
    CHECK(user.world.agent_pid() == agent);
}
