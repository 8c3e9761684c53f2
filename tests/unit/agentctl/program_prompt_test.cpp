// agentctl on a real terminal: what a person types at its prompts, and in which state the terminal
// is left.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "support/catch.hpp"
#include "support/terminal.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstring>

using namespace agentctl::test;
using agent::test::Terminal;

namespace {

struct Login {
    RuntimeDir dir;
    ScriptedAgent agent{dir.path()};

    Login() {
        agent.answer("Authenticate",
                     {{"status_code", 200}, {"stored", true}, {"item", {{"id", "at_1234567890"}}}});
    }
    std::vector<std::string> words(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{AGENTCTL_PROGRAM, "authenticate", "password"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    agent::test::Environment environment() const {
        return {
            {"XDG_RUNTIME_DIR", dir.path()}, {"AGENTCTL_NO_START", "1"}, {"PATH", "/usr/bin:/bin"}};
    }
    std::string sent(const char* member) const {
        const auto calls = agent.calls("Authenticate");
        return calls.empty() ? "no call" : calls.back().at(member).get<std::string>();
    }
};

bool same(const termios& one, const termios& other) {
    return one.c_iflag == other.c_iflag && one.c_oflag == other.c_oflag &&
           one.c_cflag == other.c_cflag && one.c_lflag == other.c_lflag &&
           std::memcmp(one.c_cc, other.c_cc, sizeof one.c_cc) == 0;
}

} // namespace

TEST_CASE("prompt: a typed password does not appear, is used, and leaves the terminal as it was") {
    const Login login;
    Terminal terminal(login.words({"-login-name", "admin"}), login.environment());
    const auto before = terminal.settings();
    REQUIRE(terminal.wait_for("Password"));
    CHECK_FALSE(terminal.echoes());
    terminal.type("wonderful owl\n");
    CHECK(terminal.wait() == 0);
    CHECK(terminal.seen().find("owl") == std::string::npos);
    CHECK(login.sent("password") == "wonderful owl");
    CHECK(same(terminal.settings(), before));
}

TEST_CASE(
    "prompt: what ends agentctl at the prompt ends it at once and finds the terminal as it was") {
    const Login login;
    Terminal terminal(login.words({"-login-name", "admin"}), login.environment());
    const auto before = terminal.settings();
    REQUIRE(terminal.wait_for("Password"));
    terminal.type("wonder");
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0);
    if (signal == 0)
        terminal.type("\x03"); // Ctrl-C
    else
        terminal.signal(signal);
    CHECK(terminal.wait() == 128 + (signal == 0 ? SIGINT : signal));
    CHECK(same(terminal.settings(), before));
    CHECK(terminal.seen().find("wonder") == std::string::npos);
    CHECK(login.sent("password") == "no call");
}

TEST_CASE("prompt: what was typed ahead is not thrown away") {
    const Login login;
    Terminal terminal(login.words(), login.environment());
    REQUIRE(terminal.wait_for("Login name"));
    terminal.type("admin\nwonderful owl\n");
    CHECK(terminal.wait() == 0);
    CHECK(login.sent("login_name") == "admin");
    CHECK(login.sent("password") == "wonderful owl");
}

TEST_CASE("prompt: without a terminal nobody is asked") {
    const Login login;
    Program program(login.dir, {"authenticate", "password", "-login-name", "admin"});
    CHECK(program.await_exit() == 3);
    CHECK(program.err.find("standard input is no terminal") != std::string::npos);
}
