#include "agentctl/autostart.hpp"
#include "agentctl/run_program.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <sys/stat.h>

using namespace agentctl;
using agent::test::read_text;
using agent::test::TempDir;

TEST_CASE("autostart: the entry names the program in the quotes that both of its grammars want") {
    CHECK(autostart_entry("/usr/bin/agentctl").find("\nExec=\"/usr/bin/agentctl\" start\n") !=
          std::string::npos);
    CHECK(autostart_entry("/a b/100%/$x").find("\nExec=\"/a b/100%%/\\\\$x\" start\n") !=
          std::string::npos);
    CHECK(autostart_entry("/q\"\\").find("\nExec=\"/q\\\\\"\\\\\\\\\" start\n") !=
          std::string::npos);
}

TEST_CASE("autostart: an entry is written once, and removed once") {
    const TempDir folder;
    ::setenv("XDG_CONFIG_HOME", folder.path().c_str(), 1);
    const auto path = write_autostart("/usr/bin/agentctl");
    REQUIRE(path.has_value());
    CHECK(*path == folder.path().string() + "/autostart/agentd.desktop");
    CHECK(read_text(*path) == autostart_entry("/usr/bin/agentctl"));
    REQUIRE(write_autostart("/opt/agentctl").has_value());
    CHECK(read_text(*path) == autostart_entry("/opt/agentctl"));
    CHECK(remove_autostart().value());
    CHECK_FALSE(remove_autostart().value());
    ::unsetenv("XDG_CONFIG_HOME");
}

TEST_CASE("autostart: a folder that cannot be written is named") {
    const TempDir folder;
    ::setenv("XDG_CONFIG_HOME", (folder.file("file", "") / "x").c_str(), 1);
    const auto path = write_autostart("/usr/bin/agentctl");
    REQUIRE_FALSE(path.has_value());
    CHECK(path.error().message.find("/file/x/autostart/agentd.desktop") != std::string::npos);
    ::unsetenv("XDG_CONFIG_HOME");
}

TEST_CASE("run program: both outputs and the exit status are kept") {
    const auto ran = run_program({"sh", "-c", "echo out; echo err >&2; exit 7"});
    REQUIRE(ran.has_value());
    CHECK(ran->exit == 7);
    CHECK(ran->out == "out\n");
    CHECK(ran->err == "err");
    CHECK(run_program({"sh", "-c", "kill -9 $$"}).value().exit == 128 + 9);
}

TEST_CASE("run program: one that is not there is named") {
    const auto ran = run_program({"/nonexistent/program"});
    REQUIRE_FALSE(ran.has_value());
    CHECK(ran.error().message == "run /nonexistent/program: no such file or directory");
}
