// What a client keeps, gives back and leaves behind: connections, and the secrets that it has sent
// and received.

#include "unit/controller/scripted_controller.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/memory_scan.hpp"
#include "support/stranger.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/post.hpp>

#include <arpa/inet.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>

using namespace agent;
using namespace agent::controller;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

using ClientPtr = std::shared_ptr<Client>;

const std::string padding(80, '.'); // what is freed begins with the allocator's own notes

Request get_as_one(const std::string& path) {
    Request request;
    request.path = path;
    request.token = Secret("at_1234567890_s1");
    return request;
}

/// Answers only when so many wait.
class Gate {
  public:
    explicit Gate(std::size_t count) : count_(count) {}
    void pass() {
        std::unique_lock lock(mutex_);
        const std::size_t round = came_++ / count_;
        changed_.notify_all();
        changed_.wait_for(lock, 20s, [&] { return came_ >= (round + 1) * count_; });
    }

  private:
    const std::size_t count_;
    std::size_t came_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

awaitable<void> send_one(ClientPtr client, int& answered) {
    auto request = get_as_one("/v1/a");
    const auto reply = co_await client->send(std::move(request));
    answered += reply.has_value();
}

/// A controller in a process of its own: nothing that it reads or says is in our memory unless our
/// client puts it there. It answers each request with a body that holds the marker.
class ControllerProcess {
  public:
    explicit ControllerProcess(const Marker& marker) {
        listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
        REQUIRE(::listen(listener_.get(), 8) == 0);
        REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
        port_ = ntohs(at.sin_port);
        pid_ = ::fork();
        if (pid_ == 0) serve(marker);
    }
    ~ControllerProcess() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ClusterSettings settings() const {
        auto settings = settings_for("http://127.0.0.1:" + std::to_string(port_)).value();
        settings.timeout = 20s;
        return settings;
    }

  private:
    [[noreturn]] void serve(const Marker& marker) {
        for (;;) {
            const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
            std::string request;
            char buffer[4096];
            while (request.find("}") == std::string::npos) {
                const auto n = ::recv(client.get(), buffer, sizeof buffer, 0);
                if (n <= 0) break;
                request.append(buffer, static_cast<std::size_t>(n));
            }
            std::string body = "{\"padding\":\"" + padding + "\",\"token\":\"";
            marker.append_to(body);
            send_all(client.get(), http_answer(body + "\"}", "200 OK", "Connection: close\r\n"));
            ::shutdown(client.get(), SHUT_WR);
            (void)receive_exactly(client.get(), 1);
        }
    }
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
};

[[maybe_unused]] Secret marked(const std::string& before, const Marker& marker,
                               const std::string& behind) {
    std::string text;
    text.reserve(512);
    text = before;
    marker.append_to(text);
    text += behind;
    return Secret(std::move(text));
}

} // namespace

TEST_CASE("of many connections only a few are kept for the next requests") {
    constexpr std::size_t crowd = 12, kept_at_most = 4;
    Gate gate(crowd);
    ScriptedController controller([&](const std::string&, std::size_t) {
        gate.pass();
        return http_answer("{}");
    });
    with_client(controller.settings(), [&](ClientPtr client) -> awaitable<void> {
        for (int round = 0; round < 2; ++round) {
            int answered = 0;
            async::TaskGroup group(co_await boost::asio::this_coro::executor);
            for (std::size_t i = 0; i < crowd; ++i)
                group.spawn(send_one(client, answered), "request");
            co_await group.drain();
            CHECK(answered == crowd);
        }
    });
    CHECK(controller.connections() >= static_cast<int>(2 * crowd - kept_at_most));
    CHECK(controller.connections() < static_cast<int>(2 * crowd)); // some were
}

TEST_CASE("a connection that its controller has closed in the meantime is not used for what must "
          "not be sent twice") {
    // It does not say that it will close.
    LoopbackServer controller(serve_response(http_answer("{}")));
    auto settings = settings_for("http://" + controller.address()).value();
    settings.timeout = 20s;
    with_client(settings, [&](ClientPtr client) -> awaitable<void> {
        for (int i = 0; i < 3; ++i) {
            auto request = get_as_one("/v1/a");
            request.method = "POST";
            request.repeatable = false;
            const auto reply = co_await client->send(std::move(request));
            CHECK(reply.has_value());
            co_await async::sleep_for(200ms); // its end has come by then
        }
    });
    CHECK(controller.accepted() == 3);
}

TEST_CASE("a client that was closed sends nothing, and says that the agent is ending") {
    ScriptedController controller(
        [](const std::string&, std::size_t) { return http_answer("{}"); });
    with_client(controller.settings(), [&](ClientPtr client) -> awaitable<void> {
        auto first = get_as_one("/v1/a");
        const auto before = co_await client->send(std::move(first));
        CHECK(before.has_value());
        client->close();
        auto second = get_as_one("/v1/b");
        bool sent = false;
        second.sent = &sent;
        const auto after = co_await client->send(std::move(second));
        REQUIRE_FALSE(after.has_value());
        CHECK(after.error().code == Errc::canceled);
        CHECK_FALSE(sent);
    });
    CHECK(controller.requests().size() == 1);
}

TEST_CASE("a controller at which another user listens is told nothing, unless that was allowed") {
    if (::geteuid() != 0) return; // only root can be somebody else
    Stranger stranger("127.0.0.1");
    auto settings = settings_for("http://127.0.0.1:" + std::to_string(stranger.port())).value();
    settings.timeout = 20s;
    const auto ask = [](const ClusterSettings& whom) {
        return with_client(whom, [](ClientPtr client) -> awaitable<Result<Reply>> {
            auto request = get_as_one("/v1/a");
            co_return co_await client->send(std::move(request));
        });
    };
    const auto refused = ask(settings);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::permission_denied);
    CHECK(stranger.heard().empty());
    settings.allow_foreign_listener = true;
    (void)ask(settings);
    CHECK(eventually([&] { return stranger.heard().find("GET /v1/a") != std::string::npos; }));
}

TEST_CASE("a request that goes round in circles ends") {
    ScriptedController controller([](const std::string& request, std::size_t) {
        const bool here = request.starts_with("GET /v1/here ");
        return http_answer("{}", "307 Temporary Redirect",
                           std::string("Location: /v1/") + (here ? "there" : "here") + "\r\n");
    });
    const auto reply =
        with_client(controller.settings(), [&](ClientPtr client) -> awaitable<Result<Reply>> {
            auto request = get_as_one("/v1/here");
            co_return co_await client->send(std::move(request));
        });
    REQUIRE(reply.has_value());
    CHECK(reply->status == 307);
    CHECK(controller.requests().size() == 2);
}

TEST_CASE("a redirect leads nowhere but to the controller itself") {
    for (const std::string to :
         {"http://127.0.0.1:1/v1/x", "//127.0.0.1:1/v1/x", "v1/x", "", "https://evil.example/",
          "http://evil.example@127.0.0.1/", "javascript:1", "\\\\evil\\x"}) {
        INFO(to);
        std::atomic<int> asked = 0;
        ScriptedController controller([&](const std::string& request, std::size_t) {
            ++asked;
            if (request.starts_with("GET /v1/here "))
                return http_answer("{}", "307 Temporary Redirect", "Location: " + to + "\r\n");
            return http_answer("{\"followed\":1}");
        });
        const auto reply =
            with_client(controller.settings(), [&](ClientPtr client) -> awaitable<Result<Reply>> {
                auto request = get_as_one("/v1/here");
                co_return co_await client->send(std::move(request));
            });
        if (to.starts_with("/")) { // a path of its own, however odd
            CHECK(asked == 2);
        } else {
            REQUIRE_FALSE(reply.has_value());
            CHECK(reply.error().code == Errc::controller_protocol);
            CHECK(asked == 1);
        }
    }
}

#ifndef __SANITIZE_ADDRESS__ // which keeps what is freed
TEST_CASE("of what was sent and received nothing is left in ordinary memory") {
    const Marker sent, token, received;
    const ControllerProcess controller(received);
    with_client(controller.settings(), [&](ClientPtr client) -> awaitable<void> {
        Request request;
        request.method = "POST";
        request.path = "/v1/auth-methods/ampw_1:authenticate";
        request.body = marked("{\"padding\":\"" + padding + "\",\"password\":\"", sent, "\"}");
        request.token = marked("at_1_" + padding, token, "");
        auto reply = co_await client->send(std::move(request));
        REQUIRE(reply.has_value());
        CHECK(reply->status == 200);
        CHECK(reply->body.size() > 48);
        wipe(reply->body); // the caller's
        CHECK(sent.copies() == 0);
        CHECK(token.copies() == 0);
        CHECK(received.copies() == 0);
    });
}
#endif
