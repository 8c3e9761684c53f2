// This machine in a bad state: what is printed and the exit code.

#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

Process::Options options(const DevEnvironment& world) {
    return {.environment = world.environment};
}

} // namespace

TEST_CASE("fault: without XDG_RUNTIME_DIR agentd and agentctl say what is missing") {
    DevEnvironment world({.start_server = false});
    world.environment["XDG_RUNTIME_DIR"] = "/nonexistent";
    check_refused(run_program({AGENTD_PROGRAM}, options(world)), 2, {"XDG_RUNTIME_DIR"});
    check_refused(world.agentctl({"status"}), 2, {"XDG_RUNTIME_DIR"});
    const auto open = world.folder().folder("open");
    std::filesystem::permissions(open, std::filesystem::perms::all);
    world.environment["XDG_RUNTIME_DIR"] = open;
    std::filesystem::create_directory(open / "agentd");
    std::filesystem::permissions(open / "agentd", std::filesystem::perms::all);
    check_refused(run_program({AGENTD_PROGRAM}, options(world)), 2, {open.string()});
}

TEST_CASE("fault: a second agentd is refused and the first one goes on") {
    DevEnvironment world({.start_server = false});
    const auto first = world.agent_pid();
    check_refused(run_program({AGENTD_PROGRAM}, options(world)), 2, {"already"});
    CHECK(world.agent_pid() == first);
}

TEST_CASE("fault: an agentd that cannot be started is named") {
    DevEnvironment world({.start_server = false});
    world.environment["AGENTD"] = "/nonexistent/agentd";
    check_refused(world.agentctl({"status"}), 2, {"/nonexistent/agentd"});
}

TEST_CASE("fault: state and home that cannot be written cost nothing but their contents") {
    // A file where a folder should be refuses root as well, which permission bits do not.
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    const auto blocked = world.folder().file("blocked", "");
    world.environment["XDG_STATE_HOME"] = blocked;
    world.environment["HOME"] = blocked;
    world.login();
    const auto listening = world.connect_detached({"-target-id", target_id});
    const auto connection = connect_loopback(listening.at("port").get<std::uint16_t>());
    REQUIRE(send_all(connection.get(), "hello\n"));
    CHECK(receive_exactly(connection.get(), 6) == "hello\n");
}

TEST_CASE("fault: a full disk under standard output is an error, not silence") {
    DevEnvironment world({.start_server = false});
    const auto ended = run_program(
        {"/bin/sh", "-c", "exec \"$0\" version >/dev/full", AGENTCTL_PROGRAM}, options(world));
    CHECK(ended.exit == 2);
    CHECK(ended.err.find("standard output could not be written") != std::string::npos);
}

TEST_CASE("fault: a runtime directory where no socket fits is refused with its path") {
    DevEnvironment world({.start_server = false});
    const auto deep = world.folder().folder(std::string(120, 'd'));
    world.environment["XDG_RUNTIME_DIR"] = deep;
    check_refused(world.agentctl({"status"}), 2, {"XDG_RUNTIME_DIR"});
}
