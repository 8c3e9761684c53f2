// What starts at login, and the file that says what shall be up then.

#include "program.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace agentctl::test;

namespace {

std::string login_script(const std::string& path, const std::string& text) {
    std::ofstream(path) << "#!/bin/sh\n" << text << '\n';
    ::chmod(path.c_str(), 0700);
    return path;
}

} // namespace

TEST_CASE("config check: agentd is asked, and what it says is passed on with its exit code") {
    const RuntimeDir dir;
    const auto agentd = login_script(dir.path() + "/agentd-script",
                                     "case $2 in\n"
                                     "bad) echo 'bad:1:2: no' >&2; exit 3;;\n"
                                     "gone) echo 'read gone: no such file' >&2; exit 2;;\n"
                                     "*) echo \"$1 $2: fine\";;\nesac");
    const std::map<std::string, std::string> environment{{"AGENTD", agentd}};
    Program good(dir, {"config", "check", "good"}, environment);
    CHECK(good.await_exit() == 0);
    CHECK(good.out == "--check-config good: fine\n");
    Program bad(dir, {"config", "check", "bad"}, environment);
    CHECK(bad.await_exit() == 3);
    CHECK(bad.err == "bad:1:2: no\n");
    Program gone(dir, {"config", "check", "gone", "-format", "json"}, environment);
    CHECK(gone.await_exit() == 2);
    CHECK(gone.err == "{\"error\":\"read gone: no such file\"}\n");
}

TEST_CASE("enable: without systemd an autostart entry is written and the agent started; disable "
          "takes it back") {
    const RuntimeDir dir;
    const std::map<std::string, std::string> environment{
        {"AGENTCTL_NO_START", "0"},
        {"AGENTD", READY_AGENT_PROGRAM},
        {"XDG_CONFIG_HOME", dir.path() + "/config"}};
    const auto entry = dir.path() + "/config/autostart/agentd.desktop";
    Program enable(dir, {"enable"}, environment);
    CHECK(enable.await_exit() == 0);
    CHECK(enable.out == "The agent starts when you log in to a desktop (" + entry + ").\n");
    REQUIRE(std::filesystem::exists(entry));
    Program disable(dir, {"disable", "-format", "json"}, environment);
    CHECK(disable.await_exit() == 0);
    CHECK(disable.out == "{\"enabled\":false}\n");
    CHECK_FALSE(std::filesystem::exists(entry));
    Program end(dir, {"disconnect", "pg"}, environment);
    CHECK(end.await_exit() == 0);
}
