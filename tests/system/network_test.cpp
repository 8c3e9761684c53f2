// A network that goes away and comes back: nobody waits for a back-off that was meant for its
// absence. The agent and its clients are in one network namespace, the dev server and its target in
// another. AGENT_MEASURE=1 prints the times.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/two_networks.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

using namespace agent::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// Far from a back-off, and from TCP's own: a machine that is busy must not fail this.
constexpr auto soon = 8s;
/// So long the network is away: the agent's next try would be due 8 s later at the earliest.
constexpr auto outage = 14s;

struct FarWorld {
    TwoNetworks& networks;
    std::unique_ptr<LoopbackServer> target;
    std::unique_ptr<DevEnvironment> world;

    explicit FarWorld(TwoNetworks& both) : networks(both) {
        networks.in_far([&] { target = std::make_unique<LoopbackServer>(serve_echo); });
        DevEnvironment::Options options;
        options.server_prefix = networks.far_prefix();
        options.server_host = networks.far_address();
        options.target_port = target->port();
        world = std::make_unique<DevEnvironment>(options);
        const auto file = world->folder() / "config/agentd/config.toml";
        fs::create_directories(fs::path(file).parent_path());
        std::ofstream(file) << "[cluster.dev]\naddress = \"" << world->address()
                            << "\"\n[proxy.lazy]\ntarget = \"" << target_id
                            << "\"\n[proxy.used]\ntarget = \"" << target_id << "\"\n";
        world->login();
        REQUIRE(eventually([&] { return world->proxies().size() == 2; }));
    }
    agent::Json proxy(const std::string& name) {
        for (const auto& one : world->proxies())
            if (one.at("name") == name) return one;
        return nullptr;
    }
    std::uint16_t port(const std::string& name) {
        return proxy(name).at("port").get<std::uint16_t>();
    }
};

bool echoes(int fd) {
    return send_all(fd, "hello\n") && receive_exactly(fd, 6) == "hello\n";
}

/// How long `work` takes, told when it is asked for.
template <class Work> Clock::duration timed(const char* what, Work work) {
    const auto begun = Clock::now();
    work();
    const auto took = Clock::now() - begun;
    if (std::getenv("AGENT_MEASURE") != nullptr)
        std::printf("%s: %lld ms\n", what,
                    static_cast<long long>(took / std::chrono::milliseconds(1)));
    return took;
}

} // namespace

TEST_CASE("network: when it is back, who waited and who comes are served at once, and what was "
          "open goes on") {
    TwoNetworks networks;
    FarWorld it(networks);
    const auto lazy = it.port("lazy");
    const auto used = it.port("used");
    const auto open = connect_loopback(used);
    REQUIRE(echoes(open.get()));

    // The cable is pulled: no route. A client comes to a proxy that has no session yet.
    networks.cut();
    const auto waits = connect_loopback(lazy);
    REQUIRE(waits);
    REQUIRE(send_all(waits.get(), "hello\n"));
    REQUIRE(eventually([&] { return it.proxy("lazy").at("clients_waiting") == 1; }, 30s));
    const auto since = Clock::now();
    CHECK(eventually([&] { return Clock::now() - since > outage; }, 60s));
    networks.mend();
    const auto held = timed("no route, then a session for who waited",
                            [&] { CHECK(receive_patiently(waits.get(), 6, 60s) == "hello\n"); });
    CHECK(held < soon);
    const auto fresh = timed("then a new connection", [&] {
        const auto next = connect_loopback(used);
        CHECK(echoes(next.get()));
    });
    CHECK(fresh < soon);
    CHECK(echoes(open.get()));

    // Packets get lost, somewhere: a connection is tried in vain while they do.
    networks.cut_far();
    const auto tries = connect_loopback(used);
    REQUIRE(tries);
    REQUIRE(send_all(tries.get(), "hello\n"));
    const auto later = Clock::now();
    CHECK(eventually([&] { return Clock::now() - later > 5s; }, 30s));
    networks.mend_far();
    const auto kept = timed("lost packets, then who had tried meanwhile",
                            [&] { CHECK(receive_patiently(tries.get(), 6, 60s) == "hello\n"); });
    CHECK(kept < soon);
    const auto again = timed("then a new connection", [&] {
        const auto next = connect_loopback(used);
        CHECK(echoes(next.get()));
    });
    CHECK(again < soon);
}
