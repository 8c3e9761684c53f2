// A second user of the machine listens where the controller should be: at a loopback port, or a
// Unix socket. Nothing is sent to it, unless the caller says that it may be. Only root can be
// somebody else, so CMake registers this for root alone.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/stranger.hpp"
#include "system/refusal.hpp"

#include <sys/stat.h>

#include <csignal>
#include <filesystem>

using namespace agent::test;
using namespace std::chrono_literals;
using agent::Json;

namespace {

const std::vector<std::string> password_login{"authenticate", "password",    "-auth-method-id",
                                              auth_method_id, "-login-name", "admin",
                                              "-password",    "env://PW"};

void check_told_nothing(const Ended& ended, Stranger& stranger) {
    check_refused(
        ended, 2,
        {"another user listens there, uid 65534", "nothing was sent", "-allow-foreign-listener"});
    CHECK(stranger.heard().empty());
}

/// A login is stored, its controller has ended, and a stranger has taken the port.
struct TakenPort {
    DevEnvironment world;
    std::unique_ptr<Stranger> stranger;
    TakenPort() {
        world.login();
        world.stop_server();
        stranger = std::make_unique<Stranger>("127.0.0.1", world.api_port());
    }
};

/// One call on the agent's socket, and the answer.
std::string call_agent(DevEnvironment& world, const std::string& method, const Json& parameters) {
    const auto socket = connect_local(world.folder() / "run/agentd/agent.sock");
    REQUIRE(socket);
    const Json call{{"method", "org.agentd.Agent." + method}, {"parameters", parameters}};
    send_all(socket.get(), agent::dump_json(call) + '\0');
    std::string answer;
    for (std::string byte;
         (byte = receive_exactly(socket.get(), 1)).size() == 1 && byte[0] != '\0';)
        answer += byte;
    return answer;
}

} // namespace

TEST_CASE(
    "foreign listener: no password goes to a controller that another user plays on loopback") {
    DevEnvironment world({.start_server = false});
    const std::string at = GENERATE("127.0.0.1", "::1", "0.0.0.0", "::");
    const std::string host = at == "0.0.0.0" ? "127.0.0.1"
                             : at == "::"    ? "[::1]"
                             : at == "::1"   ? "[::1]"
                                             : at;
    if (at.find(':') != std::string::npos && read_text("/proc/net/if_inet6").empty()) {
        WARN("this machine has no IPv6, so " << at << " was not tried");
        return;
    }
    Stranger stranger(at);
    const std::string port = std::to_string(stranger.port());
    world.environment["BOUNDARY_ADDR"] = "http://" + host + ":" + port;
    INFO(at);
    check_told_nothing(world.agentctl(password_login), stranger);
    check_told_nothing(world.agentctl({"login", "-login-name", "admin", "-password", "env://PW"}),
                       stranger);
    if (at == "127.0.0.1" || at == "::") { // an IPv4 client of an IPv6 listener, and a name
        world.environment["BOUNDARY_ADDR"] = "http://localhost:" + port;
        check_told_nothing(world.agentctl(password_login), stranger);
        world.environment["BOUNDARY_ADDR"] = "http://127.0.0.1:" + port;
        check_told_nothing(world.agentctl(password_login), stranger);
    }
}

TEST_CASE(
    "foreign listener: no password goes to a controller that another user plays at a Unix socket") {
    DevEnvironment world({.start_server = false});
    const TempDir open;
    ::chmod(open.path().c_str(), 0777);
    Stranger stranger(open / "api.sock");
    world.environment["BOUNDARY_ADDR"] = "unix://" + (open / "api.sock").string();
    check_told_nothing(world.agentctl(password_login), stranger);
}

TEST_CASE("foreign listener: no command sends a stored login to whoever has taken the controller's "
          "port") {
    TakenPort taken;
    const std::vector<std::vector<std::string>> commands{
        {"targets", "list", "-scope-id", "global", "-recursive"},
        {"targets", "read", "-id", target_id},
        {"sessions", "list", "-scope-id", "global", "-recursive"},
        {"sessions", "cancel", "-id", "s_1234567890"},
        {"scopes", "list"},
        {"hosts", "list", "-host-catalog-id", "hcst_1234567890"},
        {"host-sets", "list", "-host-catalog-id", "hcst_1234567890"},
        {"host-catalogs", "list", "-scope-id", project_id},
        {"auth-methods", "list"},
        {"auth-tokens", "read", "-id", "self"},
        {"auth-tokens", "delete", "-id", "self"},
        {"users", "list"},
        {"aliases", "list"},
        {"targets", "authorize-session", "-id", target_id},
        {"connect", "-target-id", target_id, "-detach"},
        {"connect", "-target-id", target_id, "-stdio"},
        {"ssh-config"},
        {"logout"},
    };
    for (const auto& words : commands) {
        const auto ended = taken.world.agentctl(words);
        INFO(words[0] << " " << (words.size() > 1 ? words[1] : "") << ": " << ended.err);
        CHECK(ended.exit == 2);
        CHECK(ended.err.find("uid 65534") != std::string::npos);
    }
    const Json forward{{"cluster", {{"address", taken.world.address()}}},
                       {"method", "GET"},
                       {"path", "/v1/targets"}};
    const auto answer = call_agent(taken.world, "Forward", forward); // the console's way
    INFO(answer);
    CHECK(answer.find("PermissionDenied") != std::string::npos);
    CHECK(taken.stranger->heard().empty());
}

TEST_CASE("foreign listener: a remembered proxy asks no stranger for a session") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto kept = world.agentctl_json(
        {"connect", "-target-id", target_id, "-keep", "-name", "kept", "-detach"});
    world.stop_server();
    Stranger stranger("127.0.0.1", world.api_port());
    world.end_agent(SIGKILL);
    (void)world.agentctl({"status"});
    const auto client = connect_loopback(kept.at("port").get<std::uint16_t>());
    send_all(client.get(), "hello");
    (void)receive_exactly(client.get(), 1); // turned away, or ten seconds
    CHECK(stranger.heard().empty());
}

TEST_CASE("foreign listener: a login of Boundary's own command is not shown to a stranger") {
    DevEnvironment world({.start_server = false});
    Stranger stranger("127.0.0.1");
    world.environment["BOUNDARY_ADDR"] = "http://127.0.0.1:" + std::to_string(stranger.port());
    world.environment["PATH"] =
        world.folder().folder("bin").string() + ":" + world.environment["PATH"];
    world.environment["PASSWORD_STORE_DIR"] = world.folder().folder("store").string();
    world.folder().folder("store/HashiCorp_Boundary");
    world.folder().file("store/HashiCorp_Boundary/default.gpg", "sealed");
    // {"Data": base64 of base64 of {"id":"at_1234567890","token":"at_1234567890_x"}}
    const auto script = world.folder().file(
        "bin/pass",
        "#!/bin/sh\necho "
        "'{\"Data\":\"ZXlKcFpDSTZJbUYwWHpFeU16UTFOamM0T1RBaUxDSjBiMnRsYmlJNkltRjBYekV5TXpRMU5q"
        "YzRPVEJmZUNKOQ==\"}'\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    check_told_nothing(world.agentctl({"targets", "read", "-id", target_id}), stranger);
}

TEST_CASE("foreign listener: a flag, the environment or config.toml may say that another user's "
          "controller is meant") {
    DevEnvironment world({.start_server = false});
    Stranger stranger("127.0.0.1");
    const std::string address = "http://127.0.0.1:" + std::to_string(stranger.port());
    SECTION("the flag, for one command") {
        auto words = password_login;
        words.insert(words.end(), {"-addr", address});
        check_told_nothing(world.agentctl(words), stranger);
        words.emplace_back("-allow-foreign-listener");
        CHECK(world.agentctl(words).exit == 0);
        CHECK(stranger.heard().find("\"password\":\"password\"") != std::string::npos);
    }
    SECTION("the environment") {
        world.environment["BOUNDARY_ADDR"] = address;
        world.environment["AGENTD_ALLOW_FOREIGN_LISTENER"] = "true";
        CHECK(world.agentctl(password_login).exit == 0);
    }
    SECTION("config.toml, for its cluster") {
        std::filesystem::create_directory(world.folder() / "config/agentd");
        world.folder().file("config/agentd/config.toml", "[cluster.db]\naddress = \"" + address +
                                                             "\"\nallow_foreign_listener = true\n");
        CHECK(world.agentctl(password_login).exit == 0);
    }
    SECTION("a cluster that was added with the flag") {
        REQUIRE(
            world.agentctl({"clusters", "add", "db", "-addr", address, "-allow-foreign-listener"})
                .exit == 0);
        CHECK(world.agentctl(password_login).exit == 0);
    }
}
