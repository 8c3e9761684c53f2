// Several clusters at once: names for controllers, a login and proxies for each, and what happens
// when a word could mean more than one of them.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/session_bus.hpp"
#include "system/refusal.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <sys/socket.h>

using namespace agent::test;
using agent::Json;

namespace {

/// A dev server whose project has the alias db.shop, and one with the alias db.lab; one agent for
/// both.
struct TwoClusters {
    TempDir files;
    LoopbackServer target{serve_greeting("welcome\n")};
    DevEnvironment shop{options("shop")};
    DevEnvironment lab{options("lab")};
    DevEnvironment& world = shop;

    TwoClusters() { world.environment.erase("BOUNDARY_ADDR"); }
    DevEnvironment::Options options(const std::string& name) {
        const auto config =
            files.file(name + ".toml", "[[target]]\nname = \"db\"\naddress = \"127.0.0.1\"\n"
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

/// A controller whose primary auth method is `type`, and which lets one in with the right name and
/// password.
std::function<void(int)> serve_auth_method(const std::string& type, const std::string& id) {
    return [type, id](int fd) {
        std::string request;
        std::size_t wanted = std::string::npos;
        for (char buffer[4096]; request.size() < wanted;) {
            const auto n = ::recv(fd, buffer, sizeof buffer, 0);
            if (n <= 0) return;
            request.append(buffer, static_cast<std::size_t>(n));
            const auto end = request.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            const auto length = request.find("Content-Length: ");
            wanted = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
        }
        std::string body =
            R"({"items":[{"id":")" + id + R"(","type":")" + type +
            R"(","name":"directory","is_primary":true}],"response_type":"complete"})";
        std::string status = "200 OK";
        if (request.starts_with("POST /v1/auth-methods/" + id + ":authenticate ")) {
            const bool right =
                request.find(R"("login_name":"ann","password":"password")") != std::string::npos &&
                request.find(R"("command":"login")") != std::string::npos;
            if (!right) status = "401 Unauthorized";
            body =
                right
                    ? R"({"command":"login","attributes":{"id":"at_1234567890","token":"at_1234567890_s1x",)"
                      R"("user_id":"u_1234567890","expiration_time":"2099-01-01T00:00:00Z"}})"
                    : R"({"kind":"Unauthenticated","message":"Unable to authenticate."})";
        }
        const std::string answer =
            "HTTP/1.1 " + status +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\nConnection: close\r\n\r\n" + body;
        ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    };
}

} // namespace

TEST_CASE("clusters: login takes the name and password of a directory (LDAP)") {
    DevEnvironment world({.start_server = false});
    LoopbackServer controller(serve_auth_method("ldap", "amldap_1234567890"));
    const std::string address = "http://" + controller.address();
    const auto in =
        world.agentctl({"login", "-addr", address, "-login-name", "ann", "-password", "env://PW"});
    INFO(in.out << in.err);
    CHECK(in.exit == 0);
    CHECK(in.out.find("as ann until") != std::string::npos);
    world.environment["PW"] = "wrong";
    check_refused(world.agentctl({"authenticate", "ldap", "-addr", address, "-login-name", "ann",
                                  "-password", "env://PW"}),
                  1, {"Unable to authenticate"});
}

TEST_CASE("clusters: login says plainly which kind of login it cannot do, before it asks for a "
          "password") {
    DevEnvironment world({.start_server = false});
    LoopbackServer controller(serve_auth_method("oidc", "amoidc_1234567890"));
    const std::string address = "http://" + controller.address();
    check_refused(world.agentctl({"login", "-addr", address}), 3,
                  {"amoidc_1234567890 (directory)", "oidc", "cannot do", "-auth-method-id"});
    check_refused(world.agentctl({"authenticate", "-addr", address, "-scope-id", "global"}), 3,
                  {"login name"});
}

TEST_CASE("clusters: one agent is signed in to two, each with its proxies") {
    TwoClusters both;
    auto& world = both.world;
    both.add_both();
    const auto signed_in = both.login("shop");
    INFO(signed_in.out << signed_in.err);
    REQUIRE(signed_in.exit == 0);
    CHECK(signed_in.out.find("Signed in to shop (" + both.shop.address() + ") as admin until ") ==
          0);
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
    check_refused(world.agentctl({"clusters", "remove", "lab"}), 3,
                  {"signed in", "agentctl logout -cluster lab"});
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

TEST_CASE("clusters: an alias finds its cluster, and one that two clusters know is an error that "
          "lists them") {
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

    check_refused(
        world.agentctl({"connect", "db.common"}), 3,
        {"\"db.common\" is ambiguous", "in cluster lab", "in cluster shop", "-cluster NAME"});
    const auto named = world.connect_detached({"db.common", "-cluster", "shop", "-name", "named"});
    CHECK(named.at("port").get<int>() > 0);
    // Nobody knows it: the current cluster's own words.
    check_refused(world.agentctl({"connect", "db.nowhere"}), 1, {"404"});
    // One that cannot be asked might know it as well.
    both.lab.stop_server();
    check_refused(world.agentctl({"connect", "db.shop"}), 2, {"did not answer", "-cluster NAME"});
}

TEST_CASE("clusters: unknown names, taken names and contradictions are bad usage that names the "
          "way out") {
    TwoClusters both;
    auto& world = both.world;
    check_refused(world.agentctl({"targets", "read", "-id", target_id, "-cluster", "shop"}), 3,
                  {"there is no cluster \"shop\"", "agentctl clusters add shop"});
    both.add_both();
    check_refused(world.agentctl({"login", "shopp"}), 3,
                  {"there is no cluster \"shopp\"", "known are lab, shop"});
    check_refused(world.agentctl({"clusters", "use", "nosuch"}), 3, {"known are lab, shop"});
    check_refused(world.agentctl({"clusters", "add", "shop", "-addr", both.lab.address()}), 3,
                  {"there is a cluster shop already", both.shop.address()});
    check_refused(world.agentctl({"clusters", "add", "Shop!", "-addr", both.lab.address()}), 3,
                  {"no name"});
    check_refused(world.agentctl({"clusters", "add", "third", "-addr", "ftp://nowhere"}), 3,
                  {"ftp://nowhere"});
    check_refused(world.agentctl({"clusters", "add", "third"}), 3, {"address is missing"});
    check_refused(world.agentctl({"targets", "read", "-id", target_id, "-cluster", "shop", "-addr",
                                  both.lab.address()}),
                  3, {"-cluster", "-addr", "not both"});
    world.environment["BOUNDARY_ADDR"] = both.lab.address();
    world.environment["BOUNDARY_CLUSTER"] = "shop";
    check_refused(world.agentctl({"targets", "read", "-id", target_id}), 3,
                  {"BOUNDARY_CLUSTER and BOUNDARY_ADDR"});
}

TEST_CASE("clusters: one declared in config.toml is listed, wins over an added name, and is "
          "changed only there") {
    TwoClusters both;
    auto& world = both.world;
    REQUIRE(world.agentctl({"clusters", "add", "lab", "-addr", both.shop.address()}).exit == 0);
    world.end_agent(SIGTERM);
    std::filesystem::create_directories(world.folder() / "config/agentd");
    both.world.folder().file("config/agentd/config.toml",
                             "[cluster.lab]\naddress = \"" + both.lab.address() + "\"\n");
    const auto lab = both.cluster("lab");
    CHECK(lab.at("address") == both.lab.address());
    CHECK(lab.at("declared") == true);
    check_refused(world.agentctl({"clusters", "add", "lab", "-addr", both.shop.address()}), 3,
                  {"config.toml"});
    check_refused(world.agentctl({"clusters", "remove", "lab"}), 3,
                  {"config.toml", "agentctl reload"});
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

TEST_CASE("clusters: two logins at once for the same cluster both succeed, and the one that is "
          "kept works") {
    TwoClusters both;
    auto& world = both.world;
    both.add_both();
    const std::vector<std::string> words{"login", "lab",       "-login-name",
                                         "admin", "-password", "env://PW"};
    auto first = world.start_agentctl(words);
    auto second = world.start_agentctl(words);
    CHECK(first.wait(std::chrono::seconds(20)).exit == 0);
    CHECK(second.wait(std::chrono::seconds(20)).exit == 0);
    const Json logins =
        world.agentctl_json({"status"}).at("logins"); // the kernel's keyring is every test's
    CHECK(std::ranges::count(logins, both.lab.address(), [](const Json& one) {
              return one.at("cluster").get<std::string>();
          }) == 1);
    CHECK(world.agentctl({"targets", "read", "-id", target_id, "-cluster", "lab"}).exit == 0);
}

TEST_CASE("clusters: a certificate that is not the one of before names the cluster and what was "
          "presented") {
    DevEnvironment world({.start_server = false});
    const SessionBus bus;
    world.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address();
    const std::string folder = world.folder().path();
    for (const std::string name : {"old", "new"}) {
        const auto made =
            run_program({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                         folder + "/" + name + ".key", "-out", folder + "/" + name + ".pem"},
                        {.environment = world.environment}, std::chrono::seconds(20));
        INFO(made.err);
        REQUIRE(made.exit == 0);
    }
    Process server({"/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
                    folder + "/new.pem", "-key", folder + "/new.key", "-www"},
                   {.environment = world.environment, .keep_input = true});
    REQUIRE(eventually([&] {
        server.wait_for("\n\n\n", std::chrono::milliseconds(20)); // reads what there is
        const auto line = server.out().find("ACCEPT 127.0.0.1:");
        return line != std::string::npos && server.out().find('\n', line) != std::string::npos;
    }));
    const auto begin = server.out().find("ACCEPT ") + 7;
    const std::string address =
        "https://" + server.out().substr(begin, server.out().find('\n', begin) - begin);
    REQUIRE(world
                .agentctl(
                    {"clusters", "add", "work", "-addr", address, "-ca-cert", folder + "/old.pem"})
                .exit == 0);
    const auto print = run_program({"/usr/bin/openssl", "x509", "-noout", "-fingerprint", "-sha256",
                                    "-in", folder + "/new.pem"},
                                   {.environment = world.environment}, std::chrono::seconds(10));
    const std::string fingerprint = print.out.substr(print.out.find('=') + 1, 95);
    const auto refused =
        world.agentctl({"login", "work", "-login-name", "admin", "-password", "env://PW"});
    check_refused(refused, 2, {"cluster work", "not trusted", "-ca-cert"});
    const auto unwrapped = [](std::string text) {
        std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
        return text;
    };
    INFO(fingerprint);
    CHECK(unwrapped(refused.err).find(fingerprint) != std::string::npos);
    const auto on_the_bus =
        run_program({find_on_path("gdbus"), "call", "--session", "-d", "org.agentd.Agent1", "-o",
                     "/org/agentd/Agent1", "-m", "org.agentd.Agent1.ReadSession", "s_1234567890",
                     "{'cluster': <'work'>}"},
                    {.environment = world.environment}, std::chrono::seconds(40));
    INFO(on_the_bus.out << on_the_bus.err);
    CHECK(on_the_bus.err.find("org.agentd.Error.ControllerUnreachable: cluster work: ") !=
          std::string::npos);
    CHECK(on_the_bus.err.find(fingerprint) != std::string::npos);
}
