// agentctl starts agentd when nobody answers.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

using namespace agentctl::test;

namespace {

std::string script(const RuntimeDir& dir, const std::string& text) {
    const std::string path = dir.path() + "/agentd-script";
    std::ofstream(path) << "#!/bin/sh\n" << text << '\n';
    ::chmod(path.c_str(), 0700);
    return path;
}

} // namespace

TEST_CASE("start: agentd is started in a session of its own, without the caller's secrets, and "
          "waited for") {
    const RuntimeDir dir;
    const std::map<std::string, std::string> environment{{"AGENTCTL_NO_START", "0"},
                                                         {"AGENTD", READY_AGENT_PROGRAM},
                                                         {"BOUNDARY_TOKEN", "env://TOK"},
                                                         {"TOK", "at_1_s1x"},
                                                         {"HOME", "/nonexistent"}};
    Program status(dir, {"status", "-format", "json"}, environment);
    CHECK(status.await_exit() == 0);
    const auto reply = agent::parse_json(status.out);
    REQUIRE(reply);
    CHECK(agent::string_member(*reply, "keyring") == "1"); // leads its own session
    const std::string seen = agent::string_member(*reply, "socket");
    CHECK(seen.find("|HOME=/nonexistent|") != std::string::npos);
    CHECK(seen.find("BOUNDARY") == std::string::npos);
    CHECK(seen.find("TOK=") == std::string::npos);

    const auto log = std::filesystem::status(dir.path() + "/state/agentd/agentd.log");
    REQUIRE(std::filesystem::is_regular_file(log));
    CHECK((log.permissions() & std::filesystem::perms(0777)) == std::filesystem::perms(0600));
    Program end(dir, {"disconnect", "pg"}, environment);
    CHECK(end.await_exit() == 0);
}

TEST_CASE("start: an agentd that ends at once is quoted, exit code 2") {
    const RuntimeDir dir;
    const std::string agentd = script(dir, "echo 'config.toml line 3: no such option' >&2; exit 1");
    Program program(dir, {"status"}, {{"AGENTCTL_NO_START", "0"}, {"AGENTD", agentd}});
    CHECK(program.await_exit() == 2);
    CHECK(program.err == "Error trying to read the agent's status: " + agentd +
                             " ended at once: config.toml line 3: no such option. See " +
                             dir.path() + "/state/agentd/agentd.log.\n");
}

TEST_CASE("start: without the program, without XDG_RUNTIME_DIR, or told not to: exit code 2 and "
          "the next step") {
    const RuntimeDir dir;
    Program missing(dir, {"status"},
                    {{"AGENTCTL_NO_START", "0"}, {"AGENTD", "/nonexistent/agentd"}});
    CHECK(missing.await_exit() == 2);
    CHECK(missing.err.find("cannot run /nonexistent/agentd") != std::string::npos);
    Program nowhere(dir, {"status"}, {{"XDG_RUNTIME_DIR", ""}});
    CHECK(nowhere.await_exit() == 2);
    CHECK(nowhere.err.starts_with(
        "Error trying to read the agent's status: XDG_RUNTIME_DIR is not set"));
    Program told(dir, {"status"});
    CHECK(told.await_exit() == 2);
    CHECK(told.err.find("AGENTCTL_NO_START is set") != std::string::npos);
}

TEST_CASE("start: who loses a race of two starts uses the winner's agent") {
    const RuntimeDir dir;
    ScriptedAgent winner(dir.path());
    winner.answer("ListProxies", {{"proxies", agent::Json::array()}});
    // The socket is away while the loser looks for it, and back when its own agentd has given up.
    const std::string socket = dir.path() + "/agentd/agent.sock";
    std::filesystem::rename(socket, socket + ".away");
    const std::string agentd =
        script(dir, "mv " + socket + ".away " + socket + "; echo already running >&2; exit 1");
    Program program(dir, {"list"}, {{"AGENTCTL_NO_START", "0"}, {"AGENTD", agentd}});
    CHECK(program.await_exit() == 0);
    CHECK(program.out == "No proxies found\n");
}
