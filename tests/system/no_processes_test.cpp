// A user who may have no more processes: agentd makes none of its own, and says so where a new one
// was wanted. The limit does not hold for root, so this becomes somebody else, and CMake registers
// it for root alone.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"

#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>

using namespace agent::test;

namespace {

constexpr uid_t nobody_else = 61'337; // a user of whom nothing else runs

/// `work` as that user, in a process of its own; only REQUIRE counts in there.
template <class Work> bool as_somebody_else(Work work) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgroups(0, nullptr) != 0 ||
            ::setresgid(nobody_else, nobody_else, nobody_else) != 0 ||
            ::setresuid(nobody_else, nobody_else, nobody_else) != 0)
            ::_exit(99);
        int status = 0;
        try {
            work();
        } catch (...) {
            status = 1;
        }
        std::cout.flush();
        ::_exit(status);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void tried_without_processes() {
    INFO("the build tree must be readable by every user");
    REQUIRE(::access(AGENTD_PROGRAM, X_OK) == 0);
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.folder().folder("config/agentd");
    world.folder().file("config/agentd/config.toml", "[keyring]\ntype = \"memory\"\n");
    const auto pid = world.agent_pid();
    rlimit before{};
    REQUIRE(::prlimit(pid, RLIMIT_NPROC, nullptr, &before) == 0);
    const rlimit none{1, before.rlim_max}; // there are more already
    REQUIRE(::prlimit(pid, RLIMIT_NPROC, &none, nullptr) == 0);

    world.environment["BOUNDARY_ADDR"] =
        "http://localhost:" + std::to_string(world.api_port()); // a name to look up
    world.login();
    const auto refused =
        world.agentctl({"connect", "-detach", "-target-id", target_id, "-name", "pg"});
    INFO(refused.err);
    REQUIRE(refused.exit == 2);
    REQUIRE(refused.err.find("agent-proxy: no more processes") != std::string::npos);
    REQUIRE(refused.err.find("ulimit -u") != std::string::npos);
    REQUIRE(world.agent_pid() == pid);

    REQUIRE(::prlimit(pid, RLIMIT_NPROC, &before, nullptr) == 0);
    const auto port = world.connect_detached({"-target-id", target_id, "-name", "pg"})
                          .at("port")
                          .get<std::uint16_t>();
    const auto client = connect_loopback(port); // with the login from before
    REQUIRE(send_all(client.get(), "hello\n"));
    REQUIRE(receive_exactly(client.get(), 6) == "hello\n");
    REQUIRE(world.agent_pid() == pid);
}

} // namespace

TEST_CASE("no processes: agentd lives on, keeps its logins, and starts proxies again when there is "
          "room") {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    CHECK(as_somebody_else(tried_without_processes));
}
