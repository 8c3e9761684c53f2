// Where a login is kept, with a real gnome-keyring-daemon that is unlocked, locked, absent, late,
// hung and killed.

#include "support/desktop_session.hpp"
#include "support/eventually.hpp"
#include "system/refusal.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

using namespace agent::test;
using namespace std::chrono_literals;
using agent::Json;

namespace {

Ended log_in(DevEnvironment& world) {
    return world.agentctl({"login", "-login-name", "admin", "-password", "env://PW"}, 40s);
}
std::string kept_in(DevEnvironment& world) {
    const Json logins = world.agentctl_json({"status"}).at("logins");
    return logins.empty() ? "nowhere" : logins[0].at("keyring").get<std::string>();
}
std::string state_of(DevEnvironment& world, const std::string& keyring) {
    const Json all = world.agentctl_json({"keyring"}).at("keyrings");
    for (const Json& one : all)
        if (one.at("name") == keyring)
            return one.at("in_use") == true ? std::string("in use")
                                            : one.at("unusable").get<std::string>();
    return "unknown";
}
Ended read_target(DevEnvironment& world) {
    return world.agentctl({"targets", "read", "-id", target_id}, 40s);
}
int ours(DesktopSession& desktop) {
    return desktop.agents_items();
}

} // namespace

TEST_CASE("keyring: an unlocked Secret Service keeps the login, over the end of agentd, until the "
          "logout") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_keyring();
    const auto done = log_in(world);
    INFO(done.out << done.err);
    REQUIRE(done.exit == 0);
    CHECK(done.out.find("kept in secret-service") != std::string::npos);
    CHECK(state_of(world, "secret-service") == "in use");
    CHECK(ours(desktop) == 1);
    world.end_agent(SIGKILL);
    CHECK(read_target(world).exit == 0);
    CHECK(kept_in(world) == "secret-service");
    REQUIRE(log_in(world).exit == 0);
    CHECK(ours(desktop) == 1); // in the place of the old one
    REQUIRE(world.agentctl({"logout"}).exit == 0);
    CHECK(ours(desktop) == 0);
    CHECK(read_target(world).exit == 1);
}

TEST_CASE("keyring: an agent that was started inside `keyctl session` keeps its login in the "
          "kernel, over a kill -9") {
    DevEnvironment world;
    const auto script = world.folder().file(
        "agentd-in-session", "#!/bin/sh\nexec keyctl session - " AGENTD_PROGRAM "\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    world.environment["AGENTD"] = script;
    REQUIRE(log_in(world).exit == 0);
    CHECK(kept_in(world) == "kernel");
    world.end_agent(SIGKILL); // each start is another session
    CHECK(read_target(world).exit == 0);
}

TEST_CASE("keyring: one that stays locked costs a limited wait, and says what to do; others are "
          "served meanwhile") {
    DevEnvironment world;
    world.environment["AGENTD_UNLOCK_SECONDS"] = "3";
    DesktopSession desktop(world);
    desktop.start_keyring();
    REQUIRE(log_in(world).exit == 0);
    world.end_agent(SIGTERM);
    desktop.lock();
    desktop.start_silent_prompter();

    auto waiting =
        world.start_agentctl({"targets", "read", "-id", target_id}); // its login is behind the lock
    CHECK(world.agentctl({"status"}).exit == 0);
    CHECK(waiting.running()); // status did not wait for the person
    check_refused(
        waiting.wait(30s), 2,
        {"keyring is locked", "nobody unlocked it in 3 s", "agentctl keyring move kernel"});
    // Nobody is asked again at once, and a new login goes elsewhere.
    const auto refused = read_target(world);
    INFO(read_text(world.folder() / "state/agentd/agentd.log"));
    check_refused(refused, 2, {"keyring is locked"});
    CHECK(state_of(world, "secret-service") == "it is locked, and nobody unlocked it");
    const auto on_the_bus =
        run_program({find_on_path("gdbus"), "call", "--session", "-d", "org.agentd.Agent1", "-o",
                     "/org/agentd/Agent1", "-m", "org.agentd.Agent1.ListTargets",
                     "{'cluster': <'" + world.address() + "'>}"},
                    {.environment = world.environment}, 40s);
    INFO(on_the_bus.out << on_the_bus.err);
    CHECK(on_the_bus.exit != 0);
    CHECK(on_the_bus.err.find("org.agentd.Error.KeyringFailed: ") != std::string::npos);
    CHECK(on_the_bus.err.find("agentctl keyring move kernel") != std::string::npos);
    const auto again = log_in(world);
    INFO(again.out << again.err);
    REQUIRE(again.exit == 0);
    CHECK(again.out.find("kept in kernel") != std::string::npos);
    CHECK(read_target(world).exit == 0);
}

TEST_CASE("keyring: a locked one that has nobody to ask refuses at once, and the login is kept in "
          "the kernel") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_keyring();
    desktop.lock();
    const auto done = log_in(world);
    INFO(done.out << done.err);
    REQUIRE(done.exit == 0);
    CHECK(done.out.find("kept in kernel") != std::string::npos);
    CHECK(done.err.find("keyring is locked") != std::string::npos);
    check_refused(world.agentctl({"authenticate", "password", "-login-name", "admin", "-password",
                                  "env://PW", "-keyring-type", "nosuch"}),
                  3, {"nosuch", "secret-service"});
}

TEST_CASE("keyring: one that somebody unlocks while a command waits lets it go on") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_keyring();
    REQUIRE(log_in(world).exit == 0);
    world.end_agent(SIGTERM);
    desktop.lock();
    desktop.start_silent_prompter();
    auto waiting = world.start_agentctl({"targets", "read", "-id", target_id});
    CHECK(world.agentctl({"status"}).exit == 0);
    CHECK(waiting.running());
    desktop.unlock();
    const auto ended = waiting.wait(30s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(kept_in(world) == "secret-service");
}

TEST_CASE("keyring: KWallet keeps the login as GNOME's keyring does") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_kwallet();
    const auto done = log_in(world);
    INFO(done.out << done.err << state_of(world, "secret-service"));
    REQUIRE(done.exit == 0);
    CHECK(done.out.find("kept in secret-service") != std::string::npos);
    CHECK(ours(desktop) == 1);
    world.end_agent(SIGKILL);
    CHECK(read_target(world).exit == 0);
    CHECK(kept_in(world) == "secret-service");
    REQUIRE(log_in(world).exit == 0);
    CHECK(ours(desktop) == 1);
    REQUIRE(world.agentctl({"logout"}).exit == 0);
    CHECK(ours(desktop) == 0);
}

TEST_CASE("keyring: a Secret Service that appears later gets the login that the kernel kept") {
    DevEnvironment world;
    DesktopSession desktop(world);
    const auto done = log_in(world);
    REQUIRE(done.exit == 0);
    CHECK(done.out.find("kept in kernel") != std::string::npos);
    CHECK(state_of(world, "secret-service").find("nothing on the session bus") == 0);
    desktop.start_keyring();
    REQUIRE(eventually([&] { return kept_in(world) == "secret-service"; }, 20s));
    CHECK(ours(desktop) == 1);
    world.end_agent(SIGKILL);
    CHECK(read_target(world).exit == 0);
}

TEST_CASE("keyring: one that hangs or dies in the middle of a login costs no login") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_keyring();
    REQUIRE(log_in(world).exit == 0);
    desktop.signal_keyring(SIGSTOP);
    const auto hung = log_in(world);
    INFO(hung.out << hung.err);
    REQUIRE(hung.exit == 0);
    CHECK(hung.out.find("kept in kernel") != std::string::npos);
    CHECK(hung.err.find("no answer") != std::string::npos);
    auto dying = world.start_agentctl({"login", "-login-name", "admin", "-password", "env://PW"});
    desktop.kill_keyring();
    CHECK(dying.wait(40s).exit == 0);
    CHECK(kept_in(world) == "kernel");
    CHECK(read_target(world).exit == 0);
    desktop.start_keyring();
    REQUIRE(eventually([&] { return kept_in(world) == "secret-service"; }, 20s));
}

TEST_CASE("keyring: agentd outlives its session bus") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_keyring();
    REQUIRE(log_in(world).exit == 0);
    desktop.stop_bus();
    REQUIRE(eventually(
        [&] { return state_of(world, "secret-service") == "there is no session bus"; }, 20s));
    CHECK(read_target(world).exit == 0);
    const auto again = log_in(world);
    CHECK(again.exit == 0);
    CHECK(again.out.find("kept in kernel") != std::string::npos);
}

TEST_CASE("keyring: logins move to a sealed file and back, and the choice outlives agentd") {
    DevEnvironment world;
    REQUIRE(log_in(world).exit == 0);
    const auto token_id =
        world.agentctl_json({"status"}).at("logins")[0].at("token_id").get<std::string>();
    const auto moved = world.agentctl({"keyring", "move", "file"});
    INFO(moved.out << moved.err);
    REQUIRE(moved.exit == 0);
    CHECK(moved.out == "Logins are kept in file now; 1 moved.\n");
    const auto path = world.folder() / "state/agentd/logins.sealed";
    CHECK(read_text(path).find(world.address()) != std::string::npos);
    CHECK(read_text(path).find(token_id) == std::string::npos);
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    world.end_agent(SIGKILL);
    CHECK(read_target(world).exit == 0);
    CHECK(kept_in(world) == "file");
    CHECK(state_of(world, "file") == "in use");
    REQUIRE(log_in(world).exit == 0);
    CHECK(kept_in(world) == "file");

    check_refused(world.agentctl({"keyring", "move", "nosuch"}), 3,
                  {"no keyring \"nosuch\"", "agentctl keyring"});
    check_refused(world.agentctl({"keyring", "move", "secret-service"}), 2, {"session bus"});
    REQUIRE(world.agentctl({"keyring", "move", "kernel"}).exit == 0);
    CHECK(read_text(path).find(world.address()) == std::string::npos);
    CHECK(kept_in(world) == "kernel");
}

TEST_CASE("keyring: config.toml says where every login is kept, and nobody else") {
    DevEnvironment world;
    std::filesystem::create_directories(world.folder() / "config/agentd");
    world.folder().file("config/agentd/config.toml", "[keyring]\ntype = \"file\"\n");
    REQUIRE(log_in(world).exit == 0);
    CHECK(kept_in(world) == "file");
    check_refused(world.agentctl({"keyring", "move", "kernel"}), 3,
                  {"config.toml keeps logins in file", "[keyring]"});
    world.folder().file("config/agentd/config.toml", "[keyring]\ntype = \"kernel\"\n");
    REQUIRE(world.agentctl({"reload"}).exit == 0);
    CHECK(eventually([&] { return kept_in(world) == "kernel"; }));
    CHECK(read_text(world.folder() / "state/agentd/logins.sealed").find(world.address()) ==
          std::string::npos);
    world.folder().file("config/agentd/config.toml", "");
    REQUIRE(world.agentctl({"reload"}).exit == 0);
    CHECK(world.agentctl({"keyring", "move", "file"}).exit == 0);
    CHECK(read_target(world).exit == 0);
}

TEST_CASE(
    "keyring: a file that was changed, or that others may read, gives no login and stops nothing") {
    DevEnvironment world;
    REQUIRE(log_in(world).exit == 0);
    REQUIRE(world.agentctl({"keyring", "move", "file"}).exit == 0);
    world.end_agent(SIGTERM);
    const auto path = world.folder() / "state/agentd/logins.sealed";
    auto text = read_text(path);
    const auto sealed = text.find("\"sealed\":\"") + 10;
    text[sealed] = text[sealed] == 'A' ? 'B' : 'A';
    std::ofstream(path) << text;
    CHECK(read_target(world).exit == 1);
    REQUIRE(log_in(world).exit == 0);
    world.end_agent(SIGTERM);
    std::filesystem::permissions(path, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    CHECK(read_target(world).exit == 1);
    CHECK(world.agentctl({"status"}).exit == 0);
}
