// The upgrade to a WebSocket against a worker that answers as the test says: everything but the one
// right answer is refused, with what is wrong.

#include "proxy/upgrade.hpp"

#include "async/task_group.hpp"
#include "boundary/protocol.hpp"
#include "boundary/websocket_key.hpp"
#include "proxy/session_tls.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/session_identity.hpp"
#include "support/socket_pair.hpp"

#include <openssl/ssl.h>

using namespace agent;
using net::TlsStream;

namespace {

struct Answer {
    std::string status = "HTTP/1.1 101 Switching Protocols";
    std::string upgrade = "Upgrade: websocket";
    std::string connection = "Connection: Upgrade";
    std::string accept = "Sec-WebSocket-Accept: KEY";
    std::string protocol = "Sec-WebSocket-Protocol: " + std::string(boundary::subprotocol);
    std::string more;
    std::string behind;

    std::string text(const std::string& key) const {
        std::string all = status + "\r\n";
        for (const auto* line : {&upgrade, &connection, &accept, &protocol, &more})
            if (!line->empty()) all += *line + "\r\n";
        all += "\r\n";
        if (const auto at = all.find("KEY"); at != std::string::npos)
            all.replace(at, 3, boundary::websocket_accept(key));
        return all + behind;
    }
};

struct UpgradePair {
    explicit UpgradePair(boost::asio::any_io_executor executor)
        : identity(test::make_session_identity("s_1234567890")), group(executor) {
        boundary::SessionAuthorization authorization;
        authorization.session_id = "s_1234567890";
        authorization.certificate = identity.certificate;
        authorization.private_key = Secret(identity.private_key);
        client_context = *proxy::make_session_context(authorization);
        worker_context.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(worker_context.get(),
                                SSL_CTX_get0_certificate(client_context.get()));
        SSL_CTX_use_PrivateKey(worker_context.get(), SSL_CTX_get0_privatekey(client_context.get()));
        auto [near, far] = test::tcp_pair(executor);
        client.emplace(std::move(near), client_context.get(), TlsStream::Role::client, "worker:1",
                       Hop::worker);
        worker.emplace(std::move(far), worker_context.get(), TlsStream::Role::server, "client",
                       Hop::local);
    }

    /// The request, then the answer in pieces of `piece` bytes; an empty one ends the stream.
    awaitable<void> serve(std::function<std::string(const std::string&)> answer,
                          std::size_t piece) {
        const auto greeted = co_await worker->handshake();
        if (!greeted) co_return;
        while (request.find("\r\n\r\n") == std::string::npos) {
            std::array<std::byte, 4096> buffer;
            const auto count = co_await worker->read_some(buffer);
            if (!count || *count == 0) co_return;
            request.append(reinterpret_cast<const char*>(buffer.data()), *count);
        }
        const std::string name = "Sec-WebSocket-Key: ";
        const auto at = request.find(name) + name.size();
        std::string text = answer(request.substr(at, request.find("\r\n", at) - at));
        for (std::size_t sent = 0; sent < text.size(); sent += piece) {
            const auto part = std::string_view(text).substr(sent, piece);
            const auto done = co_await worker->write(std::as_bytes(std::span(part)));
            if (!done) co_return;
        }
        if (text.empty()) worker->close();
    }

    awaitable<Result<std::string>> ask(std::function<std::string(const std::string&)> answer,
                                       std::size_t piece = 1U << 20U) {
        group.spawn(serve(std::move(answer), piece), "worker");
        const auto greeted = co_await client->handshake();
        if (!greeted) co_return greeted.error();
        auto upgraded = co_await proxy::upgrade(*client);
        client->close();
        co_await group.drain();
        co_return upgraded;
    }

    test::SessionIdentity identity;
    Owned<SSL_CTX, SSL_CTX_free> client_context, worker_context;
    std::optional<TlsStream> client, worker;
    std::string request;
    async::TaskGroup group;
};

Result<std::string> ask(std::function<std::string(const std::string&)> answer,
                        std::size_t piece = 1U << 20U) {
    return test::run([&](boost::asio::io_context& context) -> awaitable<Result<std::string>> {
        UpgradePair pair(context.get_executor());
        co_return co_await pair.ask(std::move(answer), piece);
    });
}

Result<std::string> ask(const Answer& answer, std::size_t piece = 1U << 20U) {
    return ask([answer](const std::string& key) { return answer.text(key); }, piece);
}

} // namespace

TEST_CASE("upgrade: the right answer is taken however it is cut and spelled, with what is behind") {
    Answer answer;
    answer.behind = "early bytes";
    for (const std::size_t piece : {1U << 20U, 1U, 7U}) {
        const auto got = ask(answer, piece);
        REQUIRE(got.has_value());
        if (piece > 1000) CHECK(*got == "early bytes");
    }
    Answer spelled;
    spelled.upgrade = "upgrade: WebSocket";
    spelled.connection = "connection: keep-alive, UPGRADE";
    CHECK(ask(spelled).has_value());
}

TEST_CASE("upgrade: what is asked for is a WebSocket of Boundary's, without an extension") {
    const auto request = test::run([](boost::asio::io_context& context) -> awaitable<std::string> {
        UpgradePair pair(context.get_executor());
        auto answer = [](const std::string& key) { return Answer().text(key); };
        const auto got = co_await pair.ask(std::move(answer));
        CHECK(got.has_value());
        co_return pair.request;
    });
    CHECK(request.starts_with("GET " + std::string(boundary::proxy_path) + " HTTP/1.1\r\n"));
    for (const auto* field : {"Host: worker:1\r\n", "Connection: Upgrade\r\n",
                              "Upgrade: websocket\r\n", "Sec-WebSocket-Version: 13\r\n"})
        CHECK(request.find(field) != std::string::npos);
    CHECK(request.find("Sec-WebSocket-Protocol: " + std::string(boundary::subprotocol)) !=
          std::string::npos);
    CHECK(request.find("Extensions") == std::string::npos);
}

TEST_CASE("upgrade: every other answer is refused, and named") {
    const auto changed = [](auto change) {
        Answer answer;
        change(answer);
        return answer;
    };
    const std::vector<std::pair<Answer, std::string>> wrong{
        {changed([](Answer& a) { a.status = "HTTP/1.1 200 OK"; }), "HTTP 200"},
        {changed([](Answer& a) { a.status = "HTTP/1.1 403 Forbidden"; }), "HTTP 403"},
        {changed([](Answer& a) { a.upgrade = ""; }), "did not switch"},
        {changed([](Answer& a) { a.upgrade = "Upgrade: h2c"; }), "did not switch"},
        {changed([](Answer& a) { a.connection = ""; }), "did not switch"},
        {changed([](Answer& a) { a.connection = "Connection: close"; }), "did not switch"},
        {changed([](Answer& a) { a.accept = ""; }), "Sec-WebSocket-Accept is wrong"},
        {changed(
             [](Answer& a) { a.accept = "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="; }),
         "Sec-WebSocket-Accept is wrong"},
        {changed([](Answer& a) { a.protocol = ""; }), "does not speak"},
        {changed([](Answer& a) { a.protocol = "Sec-WebSocket-Protocol: chat"; }), "does not speak"},
        {changed([](Answer& a) { a.more = "Sec-WebSocket-Extensions: permessage-deflate"; }),
         "extension nobody offered"},
        {changed([](Answer& a) { a.more = "X: " + std::string(20'000, 'x'); }), ""},
    };
    for (const auto& [answer, why] : wrong) {
        INFO(why);
        const auto got = ask(answer);
        REQUIRE_FALSE(got.has_value());
        INFO(got.error().message);
        CHECK(got.error().code == Errc::worker_refused);
        CHECK(got.error().message.find(why) != std::string::npos);
        CHECK(got.error().message.find("worker:1") != std::string::npos);
    }
}

TEST_CASE("upgrade: what is no HTTP is a refusal, an end is a worker that went away") {
    const auto noise = ask([](const std::string&) { return std::string("SSH-2.0-x\r\n\r\n"); });
    REQUIRE_FALSE(noise.has_value());
    CHECK(noise.error().code == Errc::worker_refused);
    const auto endless =
        ask([](const std::string&) { return "HTTP/1.1 101 " + std::string(100'000, 'x'); });
    REQUIRE_FALSE(endless.has_value());
    CHECK(endless.error().code == Errc::worker_refused);
    const auto nothing = ask([](const std::string&) { return std::string(); });
    REQUIRE_FALSE(nothing.has_value());
    CHECK(nothing.error().code == Errc::worker_unreachable);
}
