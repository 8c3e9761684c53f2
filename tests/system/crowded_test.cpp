// More clients than a proxy has file descriptors for: they wait, nobody is refused.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <sys/resource.h>

#include <deque>

using namespace agent::test;
using namespace std::chrono_literals;

TEST_CASE("fault: clients that a proxy has no descriptors for wait, and are served as others end") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto listening = world.connect_detached({"-target-id", target_id});
    const auto port = listening.at("port").get<std::uint16_t>();
    const auto pid = world.proxies().at(0).at("pid").get<pid_t>();
    const rlimit few{36, 36}; // the reserve and two clients
    REQUIRE(::prlimit(pid, RLIMIT_NOFILE, &few, nullptr) == 0);
    const auto open = [&] { return world.proxies().at(0).at("connections_open").get<int>(); };

    std::deque<agent::UniqueFd> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(connect_loopback(port));
        REQUIRE(clients.back());
        REQUIRE(send_all(clients.back().get(), "hello\n"));
    }
    CHECK(receive_exactly(clients[0].get(), 6) == "hello\n");
    CHECK(receive_exactly(clients[1].get(), 6) == "hello\n");
    CHECK_FALSE(eventually([&] { return open() > 2; }, 1s));
    while (clients.size() > 2) {
        clients.pop_front(); // one ends, the next in the queue is served
        CHECK(receive_exactly(clients[1].get(), 6) == "hello\n");
    }
}
