#include "net/tls_stream.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/session_identity.hpp"
#include "support/socket_pair.hpp"

#include <boost/asio/write.hpp>

#include <openssl/err.h>

#include <numeric>

using namespace agent;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using net::TlsStream;

namespace {

net::OpenSslPtr<SSL_CTX> make_context(const test::SessionIdentity* identity) {
    net::OpenSslPtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    if (!identity) return context;
    auto bytes = reinterpret_cast<const unsigned char*>(identity->certificate.data());
    const net::OpenSslPtr<X509> certificate(d2i_X509(nullptr, &bytes, long(identity->certificate.size())));
    const net::OpenSslPtr<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(identity->private_key.data()), 32));
    REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
    return context;
}

struct Pair {
    explicit Pair(boost::asio::any_io_executor executor, int (*server_verify)(X509_STORE_CTX*, void*) = nullptr)
        : identity(test::make_session_identity("s_1234567890")), client_context(make_context(nullptr)),
          server_context(make_context(&identity)) {
        if (server_verify) {
            SSL_CTX_set_verify(server_context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
            SSL_CTX_set_cert_verify_callback(server_context.get(), server_verify, nullptr);
        }
        auto [near, far] = test::tcp_pair(executor);
        client.emplace(std::move(near), client_context.get(), TlsStream::Role::client, "10.0.0.7:9202", Hop::worker);
        server.emplace(std::move(far), server_context.get(), TlsStream::Role::server, "a client", Hop::local);
    }
    awaitable<void> greet() {
        async::TaskGroup group(co_await boost::asio::this_coro::executor);
        group.spawn(greet_server(), "server");
        const auto done = co_await client->handshake();
        co_await group.drain();
        REQUIRE(done);
        REQUIRE(server_done);
        REQUIRE(*server_done);
    }
    awaitable<void> greet_server() { server_done.emplace(co_await server->handshake()); }

    test::SessionIdentity identity;
    net::OpenSslPtr<SSL_CTX> client_context;
    net::OpenSslPtr<SSL_CTX> server_context;
    std::optional<TlsStream> client;
    std::optional<TlsStream> server;
    std::optional<Status> server_done;
};

std::vector<std::byte> pattern(std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::uint32_t state = 1;
    for (auto& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = std::byte(state >> 24);
    }
    return bytes;
}

awaitable<void> write_all(TlsStream& stream, const std::vector<std::byte>& bytes) {
    const auto done = co_await stream.write(bytes);
    CHECK(done);
    co_await stream.shutdown(1s);
}

awaitable<void> read_all(TlsStream& stream, std::vector<std::byte>& into, std::size_t step) {
    std::vector<std::byte> buffer(step);
    for (;;) {
        const auto count = co_await stream.read_some(buffer);
        REQUIRE(count);
        if (*count == 0) co_return;
        into.insert(into.end(), buffer.begin(), buffer.begin() + std::ptrdiff_t(*count));
    }
}

} // namespace

TEST_CASE("tls stream: megabytes pass both ways at once, then both see the end") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto up = pattern(3'000'001);
        const auto down = pattern(5'000'003);
        std::vector<std::byte> got_up;
        std::vector<std::byte> got_down;
        async::TaskGroup group(context.get_executor());
        group.spawn(write_all(*pair.client, up), "client writes");
        group.spawn(write_all(*pair.server, down), "server writes");
        group.spawn(read_all(*pair.server, got_up, 1000), "server reads");
        group.spawn(read_all(*pair.client, got_down, 65536), "client reads");
        co_await group.drain();
        CHECK((got_up == up));
        CHECK((got_down == down));
    });
}

TEST_CASE("tls stream: what is put together leaves together, and a read takes several records at once") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto bytes = pattern(40'000);
        REQUIRE(pair.client->put(bytes));
        CHECK(pair.client->waiting() > 40'000);
        const auto sent = co_await pair.client->flush();
        REQUIRE(sent);
        CHECK(pair.client->waiting() == 0);
        std::vector<std::byte> got(65536);
        const auto count = co_await pair.server->read_some(got);
        REQUIRE(count);
        CHECK(*count == 40'000);
    });
}

TEST_CASE("tls stream: a FIN without close_notify is an end too, a reset is an error") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair fin(context.get_executor());
        co_await fin.greet();
        std::vector<std::byte> buffer(100);
        fin.server->socket().shutdown(tcp::socket::shutdown_send);
        const auto end = co_await fin.client->read_some(buffer);
        REQUIRE(end);
        CHECK(*end == 0);

        Pair reset(context.get_executor());
        co_await reset.greet();
        reset.server->socket().set_option(boost::asio::socket_base::linger(true, 0));
        reset.server->close();
        const auto broken = co_await reset.client->read_some(buffer);
        REQUIRE_FALSE(broken);
        CHECK(broken.error().message == "read from 10.0.0.7:9202: connection reset by peer");
        CHECK(broken.error().code == Errc::worker_unreachable);
    });
}

TEST_CASE("tls stream: what breaks it behind data that came with it is told after the data, and again to who writes") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        std::vector<std::byte> buffer(1000);
        const auto first = pattern(1);
        const auto greeted = co_await pair.server->write(first);
        REQUIRE(greeted);
        const auto one = co_await pair.client->read_some(buffer); // and the tickets before it
        REQUIRE(one);

        const auto arrived = [&pair](std::size_t bytes) { return pair.client->socket().available() == bytes; };
        const auto data = pattern(100);
        const auto sent = co_await pair.server->write(data);
        REQUIRE(sent);
        const std::size_t record = 5 + 100 + 1 + 16;
        for (int i = 0; i < 1000 && !arrived(record); ++i) co_await async::sleep_for(10ms);
        const std::array<unsigned char, 37> forged{0x17, 3, 3, 0, 32};
        boost::asio::write(pair.server->socket(), boost::asio::buffer(forged));
        for (int i = 0; i < 1000 && !arrived(record + forged.size()); ++i) co_await async::sleep_for(10ms);

        const auto count = co_await pair.client->read_some(buffer);
        REQUIRE(count);
        CHECK(*count == 100);
        const auto broken = co_await pair.client->read_some(buffer);
        REQUIRE_FALSE(broken);
        CHECK(broken.error().code == Errc::worker_refused);
        CHECK(broken.error().message == "read from 10.0.0.7:9202: tls: decryption failed or bad record mac");
        const auto after = pair.client->put(data);
        REQUIRE_FALSE(after);
        CHECK(after.error().message == broken.error().message);
    });
}

TEST_CASE("tls stream: a server that dislikes the client's certificate is heard on the first read, by its alert") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        const auto refuse = [](X509_STORE_CTX*, void*) { return 0; };
        Pair pair(context.get_executor(), refuse);
        // The client has no certificate at all here.
        async::TaskGroup group(context.get_executor());
        group.spawn(pair.greet_server(), "server");
        const auto early = co_await pair.client->handshake();
        CHECK(early); // TLS 1.3: the client is through before the server has judged it
        std::vector<std::byte> buffer(100);
        const auto count = co_await pair.client->read_some(buffer);
        co_await group.drain();
        REQUIRE_FALSE(count);
        CHECK(count.error().code == Errc::worker_refused);
        CHECK(pair.client->alert() == SSL_AD_CERTIFICATE_REQUIRED);
        CHECK_FALSE(*pair.server_done);
    });
}

TEST_CASE("tls stream: an alert during the handshake keeps its name") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        // What a worker does with a session it does not know.
        const auto unknown = [](SSL*, int* alert, void*) {
            *alert = SSL_AD_INTERNAL_ERROR;
            return SSL_CLIENT_HELLO_ERROR;
        };
        SSL_CTX_set_client_hello_cb(pair.server_context.get(), unknown, nullptr);
        auto [near, far] = test::tcp_pair(context.get_executor());
        TlsStream client(std::move(near), pair.client_context.get(), TlsStream::Role::client, "10.0.0.7:9202",
                         Hop::worker);
        pair.server.emplace(std::move(far), pair.server_context.get(), TlsStream::Role::server, "a client", Hop::local);
        async::TaskGroup group(context.get_executor());
        group.spawn(pair.greet_server(), "server");
        const auto done = co_await client.handshake();
        co_await group.drain();
        REQUIRE_FALSE(done);
        CHECK(done.error().message == "TLS handshake with 10.0.0.7:9202: tls: internal error");
        CHECK(done.error().code == Errc::worker_refused);
        CHECK(client.alert() == 80);
    });
}

TEST_CASE("tls stream: something that does not speak TLS is named as such") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        auto ssl = make_context(nullptr);
        auto [near, far] = test::tcp_pair(context.get_executor());
        TlsStream client(std::move(near), ssl.get(), TlsStream::Role::client, "10.0.0.7:22", Hop::worker);
        const std::string banner = "SSH-2.0-OpenSSH_9.2p1\r\n";
        boost::asio::write(far, boost::asio::buffer(banner));
        const auto done = co_await client.handshake();
        REQUIRE_FALSE(done);
        CHECK(done.error().message == "TLS handshake with 10.0.0.7:22: tls: what answers there does not speak TLS");
    });
}

TEST_CASE("tls stream: a peer that reads nothing stops the writer, and close() releases it") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto bytes = pattern(32'000'000);
        auto stuck = co_await async::with_timeout(pair.client->write(bytes), 200ms);
        CHECK_FALSE(stuck);
        CHECK(pair.client->waiting() < 200'000); // one step, not the whole
        pair.client->close();
        const auto after = co_await pair.client->write(bytes);
        CHECK_FALSE(after);
    });
}
