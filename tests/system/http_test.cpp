// curl through the proxy to a real HTTP server: many short connections, and a body with a
// half-closing client.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"

#include <regex>

using namespace agent::test;
using namespace std::chrono_literals;

TEST_CASE("http: curl fetches a file from python's server, sixteen times at four at once") {
    TempDir site;
    const std::string page(300'000, 'x');
    site.file("page.txt", page);
    Process server({"/usr/bin/python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1",
                    "--directory", site.path()},
                   {.environment = {{"PATH", "/usr/bin:/bin"}}});
    REQUIRE(server.wait_for("port "));
    REQUIRE(server.wait_for(")"));
    std::smatch port;
    REQUIRE(std::regex_search(server.out(), port, std::regex("port (\\d+)")));

    DevEnvironment world({.target_port = static_cast<std::uint16_t>(std::stoi(port[1]))});
    world.login();
    const auto listening = world.connect_detached({"-target-id", target_id});
    const auto url =
        "http://127.0.0.1:" + std::to_string(listening.at("port").get<int>()) + "/page.txt";
    std::vector<std::string> command{"/usr/bin/curl", "-sSf", "--parallel", "--parallel-max", "4",
                                     "--max-time",    "20"};
    for (int i = 0; i < 16; ++i)
        command.insert(command.end(), {"-o", site.path() / ("copy" + std::to_string(i)), url});
    const auto ended = run_program(command, {.environment = world.environment}, 30s);
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
    for (int i = 0; i < 16; ++i)
        CHECK(read_text(site.path() / ("copy" + std::to_string(i))) == page);
    CHECK(world.proxies().at(0).at("connections_failed") == 0);
}
