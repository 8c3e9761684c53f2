// What `connect` costs and leaves: one request to the controller, and no process when there is no
// session.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <csignal>
#include <fstream>
#include <mutex>
#include <regex>

using namespace agent::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// The controller behind a door that writes down what passes.
struct WatchedWorld {
    LoopbackServer target{serve_echo};
    DevEnvironment world{{.target_port = target.port()}};
    LoopbackServer door{serve_forward(world.api_port(), [this](std::string_view bytes) {
        const std::lock_guard lock(mutex);
        passed += bytes;
    })};
    std::mutex mutex;
    std::string passed;

    WatchedWorld() {
        world.environment["BOUNDARY_ADDR"] = "http://" + door.address();
        world.login();
    }
    /// "POST /v1/…" of each request since the last time, but for those that look whether a session
    /// of an earlier one still lives.
    std::vector<std::string> requests() {
        const std::lock_guard lock(mutex);
        const std::regex line("(GET|POST|PATCH|DELETE) (\\S+) HTTP/1.1\r\n");
        std::vector<std::string> found;
        for (std::sregex_iterator it(passed.begin(), passed.end(), line), end; it != end; ++it)
            if ((*it)[1].str() != "GET" || !(*it)[2].str().starts_with("/v1/sessions"))
                found.push_back((*it)[1].str() + " " + (*it)[2].str());
        passed.clear();
        return found;
    }
    std::size_t control_sockets() {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& file :
             fs::directory_iterator(world.folder() / "run/agentd/proxies"))
            ++count;
        return count;
    }
};

} // namespace

TEST_CASE("connect: signed in, it costs one request to the controller, over the connection that is "
          "there") {
    WatchedWorld it;
    it.world.connect_detached({"-target-id", target_id}); // the first one may look around
    const auto connections = it.door.accepted();
    it.requests();
    it.world.connect_detached({"-target-id", target_id});
    CHECK(it.requests() ==
          std::vector<std::string>{"POST /v1/targets/" + target_id + ":authorize-session"});
    CHECK(it.door.accepted() == connections);
}

TEST_CASE("connect: a session that is refused leaves no agent-proxy behind, however often") {
    WatchedWorld it;
    for (int i = 0; i < 5; ++i)
        CHECK(it.world.agentctl({"connect", "-target-id", "ttcp_nosuchtarg"}).exit == 1);
    // Far sooner than the half minute after which one that nobody needs would end by itself.
    CHECK(eventually([&] { return it.control_sockets() == 0; }, 20s));
    CHECK(it.world.agentctl({"status"}).exit == 0);
    it.world.connect_detached({"-target-id", target_id});
    CHECK(it.control_sockets() == 1);
}

TEST_CASE("connect: an agent-proxy that cannot start is named with how it ended, and its session "
          "is canceled") {
    WatchedWorld it;
    REQUIRE(it.world.agentctl({"status"}).exit == 0);
    const auto folder = it.world.folder() / "run/agentd/proxies";
    fs::remove_all(folder);
    std::ofstream(folder) << "in the way\n";
    const auto refused = it.world.agentctl({"connect", "-target-id", target_id});
    INFO(refused.err);
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("agent-proxy ended with status 2 at its start") != std::string::npos);
    fs::remove(folder);
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
    const auto sessions = it.world.agentctl_json(
        {"sessions", "list", "-scope-id", project_id, "-include-terminated"});
    REQUIRE(sessions.at("items").size() == 1);
    const auto status = sessions.at("items").at(0).at("status");
    CHECK((status == "canceling" || status == "terminated"));
}

TEST_CASE("connect: an agent-proxy inherits none of agentd's connections: who talks to agentd sees "
          "it end") {
    DevEnvironment world;
    world.login();
    const auto path = world.agentctl_json({"status"}).at("socket").get<std::string>();
    const auto waiting = connect_local(path);
    REQUIRE(waiting);
    world.connect_detached(
        {"-target-id", target_id}); // starts an agent-proxy while that connection is open
    world.end_agent(SIGKILL);
    CHECK(closed_by_peer(waiting.get(), 20s));
    CHECK(world.proxies().size() == 1); // it lives on
}
