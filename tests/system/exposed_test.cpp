// What other users of the machine see of our processes in /proc while they run: no token and no
// password, in no walk.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/exposed.hpp"
#include "support/loopback_server.hpp"

#include <sys/socket.h>

#include <atomic>
#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;
const Words nobody;
const std::string password = "wonderful-owl-41";

struct World {
    LoopbackServer target{serve_echo};
    DevEnvironment world{{.server_flags = {"-password", password}, .target_port = target.port()}};

    World() {
        world.environment["PW"] = password;
        world.login();
        world.environment.erase("PW");
    }
    std::string session_token() {
        const auto item =
            world.agentctl_json({"targets", "authorize-session", "-id", target_id}).at("item");
        return item.at("authorization_token").get<std::string>();
    }
    Process start(Words words, const Environment& more = {}, const std::string& input = {}) {
        words.insert(words.begin(), AGENTCTL_PROGRAM);
        auto environment = world.environment;
        for (const auto& [name, value] : more) environment[name] = value;
        return Process(words, {.environment = environment, .input = input});
    }
};

std::string words_of(const Process& process) {
    return read_text("/proc/" + std::to_string(process.pid()) + "/cmdline");
}

/// Says that it has been called, and not a word to whoever called.
struct SilentController {
    std::atomic<bool> called = false;
    LoopbackServer server{[this](int fd) {
        called = true;
        char byte = 0;
        while (::recv(fd, &byte, 1, 0) > 0) {
        }
    }};
    std::string address() const { return "http://" + server.address(); }
};

} // namespace

TEST_CASE(
    "exposed: a session's token stands in no process's words and variables, however it was given") {
    World it;
    const auto token = it.session_token();
    CHECK(exposing({password, token}) == nobody);
    struct Way {
        Words words;
        Environment more;
        std::string input;
    };
    const std::vector<Way> ways{
        {{"proxy", "-authz", token}, {}, {}},
        {{"proxy", "-authz=" + token}, {}, {}},
        {{"connect", "-authz-token", token}, {}, {}},
        {{"connect", "--authz-token", "{\"authorization_token\":\"" + token + "\"}"}, {}, {}},
        {{"connect", "-authz-token", "-"}, {}, token + "\n"},
        {{"connect", "-authz", "env://TOKEN"}, {{"TOKEN", token}}, {}},
        {{"connect", "-authz", "file://" + it.world.folder().file("token", token + "\n").string()},
         {},
         {}},
        {{"connect"}, {{"BOUNDARY_CONNECT_AUTHZ_TOKEN", token}}, {}},
        {{"connect", "-authz", "-"}, {{"BOUNDARY_CONNECT_AUTHZ_TOKEN", token}}, token},
        {{"connect", "-authz", token, "-exec", "/bin/sleep", "--", "60"}, {}, {}},
        {{"connect", "-exec", "/bin/sleep", "--", "60"},
         {{"BOUNDARY_CONNECT_AUTHZ_TOKEN", token}},
         {}},
    };
    const auto way = ways.at(GENERATE(range(0U, 11U)));
    REQUIRE(ways.size() == 11);
    auto words = way.words;
    const bool beside = words.back() == "60";
    words.insert(words.begin() + 1, {"-name", "seen"});
    auto process = it.start(words, way.more, way.input);
    if (!beside)
        REQUIRE(process.wait_for("Session ID"));
    else
        REQUIRE(eventually([&] { return !it.world.proxies().empty(); }));
    INFO(words_of(process));
    CHECK(exposing({password, token}) == nobody);
    // What is no secret can still be told apart by `ps`.
    CHECK(words_of(process).find(std::string("\0-name\0seen\0", 12)) != std::string::npos);
    process.signal(SIGTERM);
    CHECK(process.wait().exit != -1);
}

TEST_CASE("exposed: nc shows no token, and -token can be read from standard input unless that is "
          "the connection") {
    World it;
    const auto token = it.session_token();
    Words command{AGENTCTL_PROGRAM, "nc", "-authz-token", token};
    Process nc(command,
               {.environment = it.world.environment, .input = "hello\n", .keep_input = true});
    REQUIRE(nc.wait_for("hello\n"));
    CHECK(exposing({token}) == nobody);
    nc.close_input();
    nc.signal(SIGTERM);

    const auto refused = it.start({"nc", "-target-id", target_id, "-token", "-"}, {}, "x").wait();
    CHECK(refused.exit == 3);
    CHECK(refused.err.find("standard input is the connection") != std::string::npos);
    const auto twice = it.start({"connect", "-authz", "-", "-token", "-"}, {}, "x").wait();
    CHECK(twice.exit != 0);
    CHECK(twice.err.find("standard input cannot be -token and -authz-token at once") !=
          std::string::npos);
}

TEST_CASE("exposed: a login token is seen nowhere, also not in what was started with it") {
    World it;
    it.world.environment["PW"] = password;
    const auto token = it.world.token("admin");
    it.world.environment.erase("PW");
    it.world.agentctl({"logout"});
    const std::vector<std::pair<Words, Environment>> ways{
        {{"-token", "env://T"}, {{"T", token}}},
        {{}, {{"BOUNDARY_TOKEN", token}}},
        {{}, {{"BOUNDARY_TOKEN", "env://T"}, {"T", token}}},
        {{"-token", "file://" + it.world.folder().file("token", token).string()},
         {{"BOUNDARY_TOKEN", token}}},
    };
    const auto way = ways.at(GENERATE(range(0U, 4U)));
    Words words{"connect", "-target-id", target_id, "-exec", "/bin/sleep"};
    words.insert(words.end(), way.first.begin(), way.first.end());
    words.insert(words.end(), {"--", "60"});
    auto process = it.start(words, way.second);
    REQUIRE(eventually([&] { return !it.world.proxies().empty(); }));
    CHECK(exposing({password, token}) == nobody);
    process.signal(SIGTERM);
    CHECK(process.wait().exit != -1);

    words = {"console", "-no-open"};
    words.insert(words.end(), way.first.begin(), way.first.end());
    const auto console = it.start(words, way.second).wait();
    INFO(console.err);
    CHECK(console.exit == 0);
    CHECK(exposing({password, token}) == nobody);
    const auto read =
        it.start({"targets", "list", "-scope-id", project_id, "-token", "-"}, {}, token + "\n")
            .wait();
    CHECK(read.exit == 0);
}

TEST_CASE("exposed: a password is seen nowhere while a login waits for its controller") {
    DevEnvironment world({.start_server = false});
    const SilentController controller;
    world.environment.erase("PW");
    const auto way = GENERATE(values<std::pair<Words, Environment>>({
        {{"-password", "env://P"}, {{"P", password}}},
        {{}, {{"BOUNDARY_AUTHENTICATE_PASSWORD_PASSWORD", password}}},
    }));
    Words words{AGENTCTL_PROGRAM,  "authenticate", "password",    "-addr", controller.address(),
                "-auth-method-id", auth_method_id, "-login-name", "admin"};
    words.insert(words.end(), way.first.begin(), way.first.end());
    auto environment = world.environment;
    for (const auto& [name, value] : way.second) environment[name] = value;
    Process login(words, {.environment = environment});
    REQUIRE(eventually([&] { return controller.called.load(); }));
    CHECK(login.running());
    CHECK(exposing({password}) == nobody);
}

TEST_CASE("exposed: a password that is given as such is refused, and so is a token") {
    DevEnvironment world({.start_server = false});
    const auto refused =
        world.agentctl({"authenticate", "password", "-login-name", "admin", "-password", password});
    CHECK(refused.exit == 3);
    CHECK((refused.out + refused.err).find(password) == std::string::npos);
    const auto token = world.agentctl({"targets", "list", "-token", password});
    CHECK(token.exit == 3);
    CHECK((token.out + token.err).find(password) == std::string::npos);
}

TEST_CASE("exposed: the dev server's passwords are seen nowhere") {
    DevEnvironment world({.start_server = false});
    auto environment = world.environment;
    environment["BOUNDARY_DEV_UNPRIVILEGED_PASSWORD"] = password;
    Process server({AGENTCTL_PROGRAM, "dev", "-password", password + "2", "-api-listen-address",
                    "127.0.0.1:0", "-proxy-listen-address", "127.0.0.1:0"},
                   {.environment = environment});
    REQUIRE(server.wait_for("purpose: \"proxy\""));
    CHECK(exposing({password}) == nobody);
    CHECK(words_of(server).find("-proxy-listen-address") != std::string::npos);
    server.signal(SIGTERM);
    server.wait();
}
