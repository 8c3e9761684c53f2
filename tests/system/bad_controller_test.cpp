// Controllers that are down, slow, broken or no controllers at all: what is printed and the exit
// code.

#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// agentctl targets list against `address`, with a token so that nothing stops it earlier.
Ended list_targets(DevEnvironment& world, const std::string& address,
                   std::vector<std::string> more = {}) {
    world.environment["BOUNDARY_ADDR"] = "http://" + address;
    world.environment["T"] = "at_1234567890_s1abc";
    std::vector<std::string> words{"targets", "list", "-scope-id", project_id, "-token", "env://T"};
    words.insert(words.end(), more.begin(), more.end());
    return world.agentctl(words);
}

std::string response(const std::string& status, const std::string& type, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
           body;
}

} // namespace

TEST_CASE("fault: a controller that is down is named with its address") {
    DevEnvironment world({.start_server = false});
    const auto address = "127.0.0.1:" + std::to_string(refusing_port());
    check_refused(list_targets(world, address), 2, {address, "connection refused"});
    check_refused(list_targets(world, address, {"-format", "json"}), 2,
                  {"{\"error\":", "connection refused"});
    check_refused(list_targets(world, "no-such-host.invalid:9200"), 2, {"no-such-host.invalid"});
}

TEST_CASE("fault: what answers HTML or nonsense is not a controller") {
    DevEnvironment world({.start_server = false});
    LoopbackServer html(
        serve_response(response("200 OK", "text/html", "<html><body>Welcome</body></html>")));
    check_refused(list_targets(world, html.address()), 2, {html.address()});
    LoopbackServer gateway(
        serve_response(response("502 Bad Gateway", "text/html", "<html>bad gateway</html>")));
    const auto refused = list_targets(world, gateway.address());
    INFO(refused.err);
    CHECK((refused.exit == 1 || refused.exit == 2));
    CHECK(refused.err.find("502") != std::string::npos);
    LoopbackServer cut(serve_response(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"it"));
    check_refused(list_targets(world, cut.address()), 2, {cut.address()});
    LoopbackServer ssh(serve_response("SSH-2.0-OpenSSH_9.2\r\n"));
    check_refused(list_targets(world, ssh.address()), 2, {ssh.address()});
    LoopbackServer array(serve_response(response("200 OK", "application/json", "[1,2")));
    check_refused(list_targets(world, array.address()), 2, {array.address()});
}

TEST_CASE("fault: 429 and 503 with an empty body keep their status") {
    DevEnvironment world({.start_server = false});
    LoopbackServer busy(serve_response("HTTP/1.1 429 Too Many Requests\r\nRetry-After: "
                                       "1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    check_refused(list_targets(world, busy.address()), 1, {"429"});
    check_refused(list_targets(world, busy.address(), {"-format", "json"}), 1,
                  {R"("status_code":429)"});
    LoopbackServer down(serve_response(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    check_refused(list_targets(world, down.address()), 1, {"503"});
}

TEST_CASE("fault: a controller that hangs up or never answers ends in an error, not in a wait") {
    DevEnvironment world({.start_server = false});
    LoopbackServer hangup(serve_hangup);
    check_refused(list_targets(world, hangup.address()), 2, {hangup.address()});
    LoopbackServer silent(serve_silence);
    world.environment["BOUNDARY_CLIENT_TIMEOUT"] = "1s";
    const auto begin = std::chrono::steady_clock::now();
    const auto ended = list_targets(world, silent.address());
    CHECK(std::chrono::steady_clock::now() - begin < 30s);
    check_refused(ended, 2, {silent.address()});
}

TEST_CASE("fault: a controller that dies between authorize and connect does not keep the session "
          "from working") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    LoopbackServer front(serve_forward(world.api_port()));
    world.environment["BOUNDARY_ADDR"] = "http://" + front.address();
    world.environment["T"] = world.token("user");
    const auto token =
        world.agentctl_json({"targets", "authorize", "-id", target_id, "-token", "env://T"})
            .at("item")
            .at("authorization_token")
            .get<std::string>();
    front.stop();
    const auto listening = world.connect_detached({"-authz-token", token});
    const auto connection = connect_loopback(listening.at("port").get<std::uint16_t>());
    REQUIRE(send_all(connection.get(), "hello\n"));
    CHECK(receive_exactly(connection.get(), 6) == "hello\n");
    check_refused(world.agentctl({"connect", "-target-id", target_id, "-token", "env://T"}), 2,
                  {front.address(), "connection refused"});
}

TEST_CASE("fault: a controller that is gone does not keep a proxy from being ended") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto listening = world.connect_detached({"-target-id", target_id, "-name", "orphan"});
    world.stop_server();
    const auto ended = world.agentctl({"disconnect", "orphan"}, 40s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit != -1);
    CHECK(world.proxies().empty());
    CHECK_FALSE(connect_loopback(listening.at("port").get<std::uint16_t>()));
}
