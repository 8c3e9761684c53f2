#include "unit/controller/scripted_controller.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

#include <atomic>

using namespace agent;
using namespace agent::controller;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

using ClientPtr = std::shared_ptr<Client>;

Request get(const std::string& path) {
    Request request;
    request.path = path;
    request.token = Secret("at_1234567890_s1secret");
    return request;
}

Request post(const std::string& path) {
    Request request = get(path);
    request.method = "POST";
    request.body = Secret("{\"password\":\"p\"}");
    request.repeatable = false;
    return request;
}

awaitable<std::vector<Result<Reply>>> send_each(ClientPtr client, std::vector<Request> requests) {
    std::vector<Result<Reply>> replies;
    for (auto& request : requests) {
        auto reply = co_await client->send(std::move(request));
        replies.push_back(std::move(reply));
    }
    co_return replies;
}

std::vector<Result<Reply>> send(const ClusterSettings& settings, std::vector<Request> requests) {
    return with_client(settings, [&](ClientPtr client) {
        return send_each(std::move(client), std::move(requests));
    });
}

} // namespace

TEST_CASE("a kept-alive connection serves the next request, with the token") {
    ScriptedController controller(
        [](const std::string&, std::size_t) { return http_answer("{\"a\" : 1}"); });
    const auto replies =
        send(controller.settings(), {get("/v1/a?b=c"), post("/v1/d:e"), get("/v1/f")});
    for (const auto& reply : replies) {
        REQUIRE(reply.has_value());
        CHECK(reply->status == 200);
        CHECK(reply->body == "{\"a\":1}");
    }
    CHECK(controller.connections() == 1);
    const auto requests = controller.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].starts_with("GET /v1/a?b=c HTTP/1.1\r\n"));
    CHECK(requests[0].find("Authorization: Bearer at_1234567890_s1secret\r\n") !=
          std::string::npos);
    CHECK(requests[1].ends_with("\r\n\r\n{\"password\":\"p\"}"));
}

TEST_CASE(
    "a connection that is not to be kept, or says more than it was asked, is not used again") {
    const auto answer =
        GENERATE(http_answer("{}", "200 OK", "Connection: close\r\n"),
                 http_answer("{}") + http_answer("{\"forged\":1}"), http_answer("{}") + "x");
    ScriptedController controller([&](const std::string&, std::size_t) { return answer; });
    const auto replies = send(controller.settings(), {get("/v1/a"), get("/v1/b"), get("/v1/c")});
    for (const auto& reply : replies) {
        REQUIRE(reply.has_value());
        CHECK(reply->body == "{}");
    }
    CHECK(controller.connections() == 3);
}

TEST_CASE("a connection that was closed meanwhile costs no request, and none is sent twice that "
          "must not be") {
    ScriptedController controller([](const std::string&, std::size_t number) {
        return number == 1 || number == 3 ? std::string() : http_answer("{}");
    });
    const auto replies = send(controller.settings(), {get("/v1/a"), get("/v1/b"), post("/v1/c")});
    CHECK(replies[0].has_value());
    CHECK(replies[1].has_value()); // 1 was closed without an answer, 2 answered
    REQUIRE_FALSE(replies[2].has_value());
    CHECK(replies[2].error().code == Errc::controller_unreachable);
    CHECK(controller.requests().size() == 4);
}

TEST_CASE("only a request that may be repeated is, as often as was said") {
    ScriptedController controller([](const std::string&, std::size_t) {
        return http_answer("{\"message\":\"busy\"}", "503 Service Unavailable",
                           "Retry-After: 1\r\n");
    });
    auto settings = controller.settings();
    settings.max_retries = 1;
    const auto replies = send(settings, {post("/v1/a"), get("/v1/b")});
    REQUIRE(replies[0].has_value());
    CHECK(replies[0]->status == 503);
    CHECK(replies[0]->retry_after == 1);
    REQUIRE(replies[1].has_value());
    CHECK(controller.requests().size() == 3);
    const Error error = error_of(*replies[1]);
    CHECK(error.message == "busy");
    CHECK(error.retry_after == 1);
    CHECK(error.hint.find("try again") != std::string::npos);
}

TEST_CASE("a nonsensical Retry-After is none") {
    for (const auto* after : {"-1", "99999", "soon", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
        ScriptedController controller([&](const std::string&, std::size_t) {
            return http_answer("{}", "429 Too Many Requests",
                               "Retry-After: " + std::string(after) + "\r\n");
        });
        const auto replies = send(controller.settings(), {get("/v1/a")});
        REQUIRE(replies[0].has_value());
        CHECK(replies[0]->retry_after == 0);
    }
}

TEST_CASE(
    "a redirect is followed to the same controller, once, and the token goes to nobody else") {
    ScriptedController stranger([](const std::string&, std::size_t) { return http_answer("{}"); });
    std::string to;
    ScriptedController controller([&](const std::string& request, std::size_t) {
        if (request.starts_with("GET /v1/there ")) return http_answer("{\"there\":1}");
        return http_answer("{}", "307 Temporary Redirect", "Location: " + to + "\r\n");
    });
    for (const auto& same :
         {std::string("/v1/there"), "http://" + controller.address() + "/v1/there"}) {
        to = same;
        const auto replies = send(controller.settings(), {get("/v1/here")});
        REQUIRE(replies[0].has_value());
        CHECK(replies[0]->body == "{\"there\":1}");
    }
    to = "/v1/here";
    CHECK(send(controller.settings(), {get("/v1/here")})[0]->status == 307);
    for (const auto& other : {"http://" + stranger.address() + "/v1/there",
                              "http://" + controller.address() + ".evil.example/",
                              "https://" + controller.address() + "/v1/there",
                              std::string("v1/there"), std::string()}) {
        to = other;
        const auto replies = send(controller.settings(), {get("/v1/here")});
        INFO(other);
        REQUIRE_FALSE(replies[0].has_value());
        CHECK(replies[0].error().code == Errc::controller_protocol);
    }
    CHECK(stranger.requests().empty());
}

TEST_CASE("a controller that is silent, or says one byte at a time, is waited for so long and no "
          "longer") {
    LoopbackServer silent(serve_silence);
    LoopbackServer drip([](int fd) {
        char buffer[4096];
        if (::recv(fd, buffer, sizeof buffer, 0) <= 0) return;
        for (const char c : http_answer(std::string(1000, ' '))) {
            if (!send_all(fd, {&c, 1})) return;
            std::this_thread::sleep_for(20ms); // the vice itself: slower than the limit allows
        }
    });
    for (const auto* server : {&silent, &drip}) {
        auto settings = settings_for("http://" + server->address()).value();
        settings.timeout = 500ms;
        const auto begin = std::chrono::steady_clock::now();
        const auto replies = send(settings, {get("/v1/a")});
        CHECK(std::chrono::steady_clock::now() - begin < 10s);
        REQUIRE_FALSE(replies[0].has_value());
        CHECK(replies[0].error().code == Errc::timed_out);
        CHECK(replies[0].error().message.find("0.5 s") != std::string::npos);
        CHECK(replies[0].error().message.find("s1secret") == std::string::npos);
    }
}

TEST_CASE("an answer with more in it than a controller's is refused, and named") {
    std::string many = "{\"a\":[";
    for (std::size_t i = 0; i < max_tree_nodes; ++i) many += "1,";
    ScriptedController controller(
        [&](const std::string&, std::size_t) { return http_answer(many + "1]}"); });
    const auto tree = send(controller.settings(), {get("/v1/a")});
    REQUIRE_FALSE(tree[0].has_value());
    CHECK(tree[0].error().code == Errc::limit_exceeded);
    CHECK(tree[0].error().message.find("/v1/a: the answer is larger than any") !=
          std::string::npos);
    Request text = get("/v1/b");
    text.limits = only_text;
    std::vector<Request> requests;
    requests.push_back(std::move(text));
    CHECK(send(controller.settings(), std::move(requests))[0].has_value());
}

TEST_CASE("whoever stands in front of a controller and says so in HTML is passed on as a status") {
    ScriptedController controller([](const std::string& request, std::size_t) {
        if (request.starts_with("GET /v1/ok"))
            return std::string("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>");
        return std::string("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: "
                           "6\r\n\r\n<html>");
    });
    const auto replies = send(controller.settings(), {get("/v1/x"), get("/v1/ok")});
    REQUIRE(replies[0].has_value());
    CHECK(replies[0]->status == 502);
    CHECK(replies[0]->body.empty());
    REQUIRE_FALSE(replies[1].has_value());
    CHECK(replies[1].error().message.find("answered text/html") != std::string::npos);
}

namespace {

awaitable<void> send_and_keep(ClientPtr client, std::optional<Result<Reply>>& kept) {
    auto request = get("/v1/a");
    auto reply = co_await client->send(std::move(request));
    kept.emplace(std::move(reply));
}

awaitable<std::optional<Result<Reply>>> close_meanwhile(ClientPtr client, LoopbackServer& server) {
    std::optional<Result<Reply>> kept;
    async::TaskGroup group(co_await boost::asio::this_coro::executor);
    group.spawn(send_and_keep(client, kept), "send");
    while (server.accepted() == 0) co_await async::sleep_for(10ms);
    client->close();
    const bool at_once = co_await async::with_timeout(group.drain(), 10s);
    co_await group.stop();
    if (!at_once) kept.reset();
    co_return kept;
}

awaitable<bool> cancel_meanwhile(ClientPtr client, LoopbackServer& server) {
    auto request = get("/v1/a");
    const auto answered = co_await async::with_timeout(client->send(std::move(request)), 300ms);
    while (server.accepted() == 0) co_await async::sleep_for(10ms);
    co_return answered.has_value();
}

} // namespace

TEST_CASE("what waits for a controller fails when the agent ends") {
    LoopbackServer silent(serve_silence);
    auto settings = settings_for("http://" + silent.address()).value();
    settings.timeout = 10min; // it is not this that ends it
    const auto kept =
        with_client(settings, [&](ClientPtr client) { return close_meanwhile(client, silent); });
    REQUIRE(kept.has_value());
    REQUIRE_FALSE(kept->has_value());
    CHECK(kept->error().code == Errc::canceled);
}

TEST_CASE("a request that is cancelled hangs up") {
    std::atomic<bool> hung_up = false;
    LoopbackServer endless([&](int fd) {
        char buffer[4096];
        ::recv(fd, buffer, sizeof buffer, 0);
        send_all(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (send_all(fd, "1\r\n \r\n")) std::this_thread::sleep_for(1ms);
        hung_up = true;
    });
    CHECK_FALSE(with_client(settings_for("http://" + endless.address()).value(),
                            [&](ClientPtr client) { return cancel_meanwhile(client, endless); }));
    CHECK(eventually([&] { return hung_up.load(); }));
}

TEST_CASE("a query value is encoded, whatever is in it") {
    CHECK(percent_encode("a-b_c.d~0") == "a-b_c.d~0");
    CHECK(percent_encode("\"/item\" == a&b\r\n\xc3\xbc") ==
          "%22%2Fitem%22%20%3D%3D%20a%26b%0D%0A%C3%BC");
}
