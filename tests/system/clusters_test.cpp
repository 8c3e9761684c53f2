// Several clusters at once: names for controllers, a login and proxies for each, and what happens when a word could
// mean more than one of them.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

using namespace agent::test;
using agent::Json;

namespace {

/// A dev server whose project has the alias db.shop, and one with the alias db.lab; one agent for both.
struct TwoClusters {
    TempDir files;
    LoopbackServer target{serve_greeting("welcome\n")};
    DevEnvironment shop{options("shop")};
    DevEnvironment lab{options("lab")};
    DevEnvironment& world = shop;

    TwoClusters() { world.environment.erase("BOUNDARY_ADDR"); }
    DevEnvironment::Options options(const std::string& name) {
        const auto config = files.file(name + ".toml", "[[target]]\nname = \"db\"\naddress = \"127.0.0.1\"\n"
                                                       "default_port = " +
                                                           std::to_string(target.port()) +
                                                           "\n[[alias]]\nvalue = \"db.common\"\ntarget = \"db\"\n"
                                                           "[[alias]]\nvalue = \"db." +
                                                           name + "\"\ntarget = \"db\"\n");
        return {.server_flags = {"-config", config}, .target_port = target.port()};
    }
    void add_both() {
        REQUIRE(world.agentctl({"clusters", "add", "shop", "-addr", shop.address()}).exit == 0);
        REQUIRE(world.agentctl({"clusters", "add", "lab", "-addr", lab.address()}).exit == 0);
    }
    Ended login(const std::string& cluster) {
        return world.agentctl({"login", cluster, "-login-name", "admin", "-password", "env://PW"});
    }
    Json cluster(const std::string& name) {
        const Json items = world.agentctl_json({"clusters", "list"}).at("items");
        for (const auto& one : items)
            if (one.at("name") == name) return one;
        return {};
    }
};

} // namespace

TEST_CASE("clusters: one agent is signed in to two, each with its proxies") {
    TwoClusters both;
    auto& world = both.world;
    both.add_both();
    const auto signed_in = both.login("shop");
    INFO(signed_in.out << signed_in.err);
    REQUIRE(signed_in.exit == 0);
    CHECK(signed_in.out.find("Signed in to shop (" + both.shop.address() + ") as admin until ") == 0);
    REQUIRE(both.login("lab").exit == 0);

    CHECK(both.cluster("shop").at("state") == "signed-in");
    CHECK(both.cluster("shop").at("signed_in_as") == "admin");
    CHECK(both.cluster("shop").at("current") == true); // the first one
    CHECK(both.cluster("lab").at("address") == both.lab.address());

    world.connect_detached({"-cluster", "shop", "-target-id", target_id, "-name", "one"});
    world.connect_detached({"-cluster", "lab", "-target-id", target_id, "-name", "two"});
    const auto proxies = world.proxies();
    REQUIRE(proxies.size() == 2);
    CHECK(proxies[0].at("cluster") == both.shop.address());
    CHECK(proxies[1].at("cluster") == both.lab.address());
    const auto status = world.agentctl({"status"});
    CHECK(status.out.find("shop (" + both.shop.address() + ")") != std::string::npos);
    CHECK(status.out.find("lab (" + both.lab.address() + ")") != std::string::npos);

    // Neither can be forgotten while it is used.
    check_refused(world.agentctl({"clusters", "remove", "lab"}), 3, {"signed in", "agentctl logout -cluster lab"});
    REQUIRE(world.agentctl({"logout", "-cluster", "lab"}).exit == 0);
    CHECK(both.cluster("lab").at("state") == "signed-out");
    CHECK(both.cluster("shop").at("state") == "signed-in");
    REQUIRE(eventually([&] { return world.proxies().size() == 1; }, std::chrono::seconds(10)));
    REQUIRE(world.agentctl({"clusters", "remove", "lab"}).exit == 0);
    CHECK(both.cluster("lab").is_null());
}

TEST_CASE("clusters: the current one is meant when none is named, also after agentd was killed") {
    TwoClusters both;
    auto& world = both.world;
    both.add_both();
    REQUIRE(both.login("lab").exit == 0);
    const std::vector<std::string> read{"targets", "read", "-id", target_id};
    CHECK(world.agentctl(read).exit == 1); // shop is the current one: no login there
    REQUIRE(world.agentctl({"clusters", "use", "lab"}).exit == 0);
    CHECK(world.agentctl(read).exit == 0);
    world.end_agent(SIGKILL);
    CHECK(world.agentctl(read).exit == 0);
    CHECK(both.cluster("lab").at("current") == true);
    // An address and a variable go before it, and find the cluster's login.
    world.environment["BOUNDARY_ADDR"] = both.shop.address();
    CHECK(world.agentctl(read).exit == 1);
    world.environment["BOUNDARY_ADDR"] = both.lab.address() + "/v1/";
    CHECK(world.agentctl(read).exit == 0);
    world.environment.erase("BOUNDARY_ADDR");
    world.environment["BOUNDARY_CLUSTER"] = "shop";
    CHECK(world.agentctl(read).exit == 1);
}

TEST_CASE("clusters: an alias finds its cluster, and one that two clusters know is an error that lists them") {
    TwoClusters both;
    auto& world = both.world;
    both.add_both();
    REQUIRE(both.login("shop").exit == 0);
    REQUIRE(both.login("lab").exit == 0);
    const auto listening = world.connect_detached({"db.lab", "-name", "found"});
    const auto connection = connect_loopback(listening.at("port").get<std::uint16_t>());
    REQUIRE(connection);
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
    CHECK(world.proxies()[0].at("cluster") == both.lab.address());

    check_refused(world.agentctl({"connect", "db.common"}), 3,
                  {"\"db.common\" is ambiguous", "in cluster lab", "in cluster shop", "-cluster NAME"});
    const auto named = world.connect_detached({"db.common", "-cluster", "shop", "-name", "named"});
    CHECK(named.at("port").get<int>() > 0);
    // Nobody knows it: the current cluster's own words.
    check_refused(world.agentctl({"connect", "db.nowhere"}), 1, {"404"});
    // One that cannot be asked might know it as well.
    both.lab.stop_server();
    check_refused(world.agentctl({"connect", "db.shop"}), 2, {"did not answer", "-cluster NAME"});
}

TEST_CASE("clusters: unknown names, taken names and contradictions are bad usage that names the way out") {
    TwoClusters both;
    auto& world = both.world;
    check_refused(world.agentctl({"targets", "read", "-id", target_id, "-cluster", "shop"}), 3,
                  {"there is no cluster \"shop\"", "agentctl clusters add shop"});
    both.add_both();
    check_refused(world.agentctl({"login", "shopp"}), 3, {"there is no cluster \"shopp\"", "known are lab, shop"});
    check_refused(world.agentctl({"clusters", "use", "nosuch"}), 3, {"known are lab, shop"});
    check_refused(world.agentctl({"clusters", "add", "shop", "-addr", both.lab.address()}), 3,
                  {"there is a cluster shop already", both.shop.address()});
    check_refused(world.agentctl({"clusters", "add", "Shop!", "-addr", both.lab.address()}), 3, {"no name"});
    check_refused(world.agentctl({"clusters", "add", "third", "-addr", "ftp://nowhere"}), 3, {"ftp://nowhere"});
    check_refused(world.agentctl({"clusters", "add", "third"}), 3, {"address is missing"});
    check_refused(
        world.agentctl({"targets", "read", "-id", target_id, "-cluster", "shop", "-addr", both.lab.address()}), 3,
        {"-cluster", "-addr", "not both"});
    world.environment["BOUNDARY_ADDR"] = both.lab.address();
    world.environment["BOUNDARY_CLUSTER"] = "shop";
    check_refused(world.agentctl({"targets", "read", "-id", target_id}), 3, {"BOUNDARY_CLUSTER and BOUNDARY_ADDR"});
}

TEST_CASE("clusters: one declared in config.toml is listed, wins over an added name, and is changed only there") {
    TwoClusters both;
    auto& world = both.world;
    REQUIRE(world.agentctl({"clusters", "add", "lab", "-addr", both.shop.address()}).exit == 0);
    world.end_agent(SIGTERM);
    std::filesystem::create_directories(world.folder() / "config/agentd");
    both.world.folder().file("config/agentd/config.toml", "[cluster.lab]\naddress = \"" + both.lab.address() + "\"\n");
    const auto lab = both.cluster("lab");
    CHECK(lab.at("address") == both.lab.address());
    CHECK(lab.at("declared") == true);
    check_refused(world.agentctl({"clusters", "add", "lab", "-addr", both.shop.address()}), 3, {"config.toml"});
    check_refused(world.agentctl({"clusters", "remove", "lab"}), 3, {"config.toml", "agentctl reload"});
    REQUIRE(world.agentctl({"clusters", "use", "lab"}).exit == 0);
    REQUIRE(both.login("lab").exit == 0);
}

TEST_CASE("clusters: a config.toml with a mistake stops nothing, and its place is in the log") {
    TwoClusters both;
    auto& world = both.world;
    std::filesystem::create_directories(world.folder() / "config/agentd");
    world.folder().file("config/agentd/config.toml", "[cluster.lab\naddress = 5\n");
    REQUIRE(world.agentctl({"clusters", "add", "lab", "-addr", both.lab.address()}).exit == 0);
    CHECK(both.login("lab").exit == 0);
    check_refused(world.agentctl({"config", "check"}), 3, {"config.toml:1"});
}

TEST_CASE("clusters: two logins at once for the same cluster both succeed, and the one that is kept works") {
    TwoClusters both;
    auto& world = both.world;
    both.add_both();
    const std::vector<std::string> words{"login", "lab", "-login-name", "admin", "-password", "env://PW"};
    auto first = world.start_agentctl(words);
    auto second = world.start_agentctl(words);
    CHECK(first.wait(std::chrono::seconds(20)).exit == 0);
    CHECK(second.wait(std::chrono::seconds(20)).exit == 0);
    const Json logins = world.agentctl_json({"status"}).at("logins"); // the kernel's keyring is every test's
    CHECK(std::ranges::count(logins, both.lab.address(), [](const Json& one) {
              return one.at("cluster").get<std::string>();
          }) == 1);
    CHECK(world.agentctl({"targets", "read", "-id", target_id, "-cluster", "lab"}).exit == 0);
}
