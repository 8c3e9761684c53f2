#include "controller/client.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/controller/certificates.hpp"

#include <atomic>

using namespace agent;
using namespace agent::controller;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

const std::string answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"ok\":\"1\"}";

void write(SSL* tls, const std::string& text) {
    SSL_write(tls, text.data(), static_cast<int>(text.size()));
}

bool read_request(SSL* tls) {
    char buffer[4096];
    return SSL_read(tls, buffer, sizeof buffer) > 0;
}

void serve_answer(SSL* tls) {
    while (read_request(tls)) write(tls, answer);
}

struct World {
    TempDir folder;
    Authority authority{folder};

    /// The controller's answer, or what is wrong with it. `host`: as the caller writes it.
    Result<Reply> ask(const Certificate& presented, const std::string& host,
                      const std::string& server_name = {}, std::string ca = {}) {
        LoopbackServer server(serve_tls(authority.issue(presented), serve_answer));
        auto settings =
            settings_for("https://" + host + ":" + std::to_string(server.port())).value();
        settings.ca_cert = ca.empty() ? authority.file() : ca;
        settings.tls_server_name = server_name;
        settings.timeout = 20s;
        return send(settings);
    }
    static Result<Reply> send(const ClusterSettings& settings) {
        return run([&](boost::asio::io_context& context) -> awaitable<Result<Reply>> {
            return send_with(context.get_executor(), settings);
        });
    }
    static awaitable<Result<Reply>> send_with(boost::asio::any_io_executor executor,
                                              ClusterSettings settings) {
        Client client(executor, std::move(settings));
        Request request;
        request.path = "/v1/targets";
        request.token = Secret("at_1234567890_s1");
        co_return co_await client.send(std::move(request));
    }
};

void check_refused(const Result<Reply>& reply, const std::string& why) {
    REQUIRE_FALSE(reply.has_value());
    INFO(reply.error().message);
    CHECK(reply.error().code == Errc::controller_unreachable);
    CHECK(reply.error().message.find("certificate not trusted") != std::string::npos);
    CHECK(reply.error().message.find(why) != std::string::npos);
    CHECK(reply.error().message.find("SHA-256 fingerprint is ") != std::string::npos);
    CHECK(reply.error().hint.find("-ca-cert") != std::string::npos);
}

} // namespace

TEST_CASE("a controller's certificate must be for its name") {
    World world;
    CHECK(world.ask({.names = "DNS:localhost"}, "localhost").has_value());
    CHECK(world.ask({.names = "IP:127.0.0.1"}, "127.0.0.1").has_value());
    check_refused(world.ask({.names = "DNS:other.example"}, "localhost"), "");
    check_refused(world.ask({.names = "DNS:localhost"}, "127.0.0.1"), "");
    check_refused(world.ask({.names = "IP:127.0.0.1"}, "localhost"), "");
    check_refused(world.ask({.names = "DNS:127.0.0.1"}, "127.0.0.1"), "");
    check_refused(world.ask({.names = "DNS:*.localhost"}, "localhost"), "");
    check_refused(
        world.ask({.names = "DNS:other.example", .common_name = "localhost"}, "localhost"), "");
}

TEST_CASE("-tls-server-name says which name the certificate must be for") {
    World world;
    CHECK(
        world.ask({.names = "DNS:boundary.example"}, "127.0.0.1", "boundary.example").has_value());
    CHECK(
        world.ask({.names = "DNS:*.example.org"}, "127.0.0.1", "boundary.example.org").has_value());
    check_refused(world.ask({.names = "DNS:localhost"}, "localhost", "boundary.example"), "");
}

TEST_CASE("a certificate that has expired, or is not valid yet, is refused") {
    World world;
    check_refused(
        world.ask({.names = "DNS:localhost", .days_from = -3, .days_to = -1}, "localhost"),
        "expired");
    check_refused(world.ask({.names = "DNS:localhost", .days_from = 1, .days_to = 2}, "localhost"),
                  "not yet valid");
}

TEST_CASE("a certificate of an authority that was not named is refused") {
    World world;
    const Authority stranger(world.folder, "stranger");
    check_refused(world.ask({.names = "DNS:localhost"}, "localhost", "", stranger.file()), "");
    const auto missing = world.ask({.names = "DNS:localhost"}, "localhost", "",
                                   (world.folder / "none.pem").string());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == Errc::invalid_argument);
    CHECK(missing.error().message.find("none.pem") != std::string::npos);
    CHECK(missing.error().message.find("no such file") != std::string::npos);
}

TEST_CASE("only who says so talks to whoever answers") {
    World world;
    LoopbackServer server(
        serve_tls(world.authority.issue({.names = "DNS:other.example"}), serve_answer));
    auto settings = settings_for("https://" + server.address()).value();
    check_refused(World::send(settings), ""); // the system's authorities do not know this one
    settings.tls_insecure = true;
    CHECK(World::send(settings).has_value());
}

TEST_CASE("a server that does not speak TLS is named") {
    LoopbackServer server(serve_greeting("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const auto reply = World::send(settings_for("https://" + server.address()).value());
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == Errc::controller_unreachable);
    CHECK(reply.error().message.find("TLS to " + server.address()) != std::string::npos);
}

TEST_CASE("handshake messages without end end the connection") {
    World world;
    std::atomic<int> sent = 0;
    const auto flood = [&](SSL* tls) {
        read_request(tls);
        while (sent < 1000000 && SSL_key_update(tls, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
               SSL_do_handshake(tls) == 1)
            ++sent;
    };
    LoopbackServer server(serve_tls(world.authority.issue({.names = "DNS:localhost"}), flood));
    auto settings = settings_for("https://localhost:" + std::to_string(server.port())).value();
    settings.ca_cert = world.authority.file();
    settings.timeout = 30s;
    const auto reply = World::send(settings);
    INFO("key updates sent: " << sent);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code != Errc::timed_out);
    CHECK(sent < 1000000);
}
