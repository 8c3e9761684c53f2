// With umask 000, as some login managers and cron jobs leave it: nothing that our programs make is
// open to others.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <sys/stat.h>

#include <csignal>

#include <filesystem>

using namespace agent::test;
namespace fs = std::filesystem;

namespace {

struct OpenUmask {
    mode_t before = ::umask(0);
    ~OpenUmask() { ::umask(before); }
};

/// Files, folders and sockets below `folder` with a right for group or others.
std::vector<std::string> open_to_others(const fs::path& folder) {
    std::vector<std::string> found;
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
        struct stat status{};
        if (::lstat(file.path().c_str(), &status) == 0 && !S_ISLNK(status.st_mode) &&
            (status.st_mode & 077) != 0)
            found.push_back(file.path());
    }
    return found;
}

} // namespace

TEST_CASE("umask: with 000 no file, folder or socket of ours is open to others, and a command "
          "beside keeps its umask") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.start_server = false});
    const bool supervised = GENERATE(false, true);
    if (supervised) world.environment.erase("AGENTD");
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"})
        world.environment.erase(name); // all of them below HOME, where nothing is yet
    const OpenUmask open;
    Process server({DEV_SERVER_PROGRAM, "-api-listen-address", "127.0.0.1:0",
                    "-proxy-listen-address", "127.0.0.1:0", "-target-default-port",
                    std::to_string(target.port()), "-state", world.folder() / "dev.db"},
                   {.environment = world.environment});
    REQUIRE(server.wait_for("purpose: \"proxy\""));
    const auto text = server.out();
    const auto at = text.find("addr: \"127.0.0.1:");
    REQUIRE(at != std::string::npos);
    world.environment["BOUNDARY_ADDR"] =
        "http://" + text.substr(at + 7, text.find('"', at + 7) - at - 7);
    CHECK(world.agentctl({"enable"}).exit == 0);
    world.login();
    world.connect_detached({"-target-id", target_id, "-keep"});
    CHECK(world.agentctl({"keyring", "move", "file"}).exit == 0);
    CHECK(world.agentctl({"ssh-config", "-write"}).exit == 0);
    CHECK(world.agentctl({"console", "-no-open"}).exit == 0);
    CHECK(open_to_others(world.folder().path()) == std::vector<std::string>());
    CHECK(fs::exists(world.folder() / "home/.local/state/agentd/state.db"));

    const auto beside = world.agentctl(
        {"connect", "-target-id", target_id, "-exec", "/bin/sh", "--", "-c", "umask"});
    CHECK(beside.out.find("0000") != std::string::npos);
    server.signal(SIGTERM);
    server.wait();
}
