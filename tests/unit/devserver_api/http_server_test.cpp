#include "async/with_timeout.hpp"
#include "devserver/api/http_server.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/devserver_api/api_fixture.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

using namespace devserver;
using namespace devserver::test;
using agent::awaitable;
using boost::asio::ip::tcp;

namespace {

// Writes the words as they are and reads until the server closes.
awaitable<std::string> talk(HttpServer& server, std::string words) {
    tcp::socket socket(co_await boost::asio::this_coro::executor);
    auto [connect_ec] =
        co_await socket.async_connect(server.endpoints().front(), agent::async::token);
    REQUIRE_FALSE(connect_ec);
    auto [write_ec, written] =
        co_await boost::asio::async_write(socket, boost::asio::buffer(words), agent::async::token);
    REQUIRE(write_ec == boost::system::error_code());
    REQUIRE(written == words.size());
    std::string answer;
    auto [read_ec, read] = co_await boost::asio::async_read(
        socket, boost::asio::dynamic_buffer(answer), agent::async::token);
    CHECK(read_ec == boost::asio::error::eof);
    CHECK(read == answer.size());
    co_return answer;
}

std::string exchange(std::string words) {
    ApiFixture fixture;
    return agent::test::run([&](boost::asio::io_context& context) -> awaitable<std::string> {
        HttpServer server(context.get_executor(), fixture.api);
        REQUIRE(server.listen("127.0.0.1", 0).has_value());
        auto work = talk(server, words);
        auto answer =
            co_await agent::async::with_timeout(std::move(work), std::chrono::seconds(20));
        co_await server.stop();
        REQUIRE(answer.has_value());
        co_return *answer;
    });
}

} // namespace

TEST_CASE("two requests share a connection, and answers are not to be stored") {
    const auto answer = exchange("GET /v1/scopes HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/nonsense "
                                 "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(answer.find("HTTP/1.1 200") == 0);
    CHECK(answer.find("Cache-Control: no-store") != std::string::npos);
    CHECK(answer.find("HTTP/1.1 404") != std::string::npos);
}

TEST_CASE("a correlation id must be a UUID") {
    const auto request = [](const std::string& id) {
        return exchange(
            "GET /v1/scopes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Correlation-Id: " + id +
            "\r\n\r\n");
    };
    CHECK(request("nonsense").find("HTTP/1.1 400") == 0);
    CHECK(request("123e4567-e89b-12d3-a456-426614174000").find("HTTP/1.1 200") == 0);
}

TEST_CASE("a HEAD gets the length of what a GET would, and nothing of it") {
    for (const std::string target : {"/v1/scopes", "/nothing", "/"}) {
        const auto answer =
            exchange("HEAD " + target +
                     " HTTP/1.1\r\nHost: x\r\n\r\n"
                     "GET /v1/scopes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        INFO(answer);
        const auto end = answer.find("\r\n\r\n");
        REQUIRE(end != std::string::npos);
        CHECK(answer.substr(end + 4).starts_with("HTTP/1.1 200")); // the next answer, at once
        CHECK(answer.substr(0, end).find("Content-Length: ") != std::string::npos);
    }
}

TEST_CASE("a preflight says the connection's end when the client wants it") {
    const auto answer = exchange(
        "OPTIONS /v1/scopes HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nConnection: close\r\n\r\n");
    CHECK(answer.find("HTTP/1.1 204") == 0);
    CHECK(answer.find("Connection: close") != std::string::npos);
}

TEST_CASE("who is refused while still sending gets the answer, not a reset") {
    const std::string body(4 * 1024 * 1024, 'x');
    const auto answer = exchange("POST /v1/targets HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                 std::to_string(body.size()) + "\r\n\r\n" + body);
    CHECK(answer.find("HTTP/1.1 413") == 0);
}

TEST_CASE("headers above 64 KiB are refused") {
    CHECK(exchange("GET /v1/scopes HTTP/1.1\r\nHost: x\r\nX: " + std::string(70'000, 'x') +
                   "\r\n\r\n")
              .find("HTTP/1.1 431") == 0);
}

TEST_CASE("a body above 1 MiB and words that are not HTTP are refused") {
    CHECK(exchange("POST /v1/targets HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
              .find("HTTP/1.1 413") == 0);
    CHECK(exchange("nonsense\r\n\r\n").find("HTTP/1.1 400") == 0);
}
