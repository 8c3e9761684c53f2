// TlsStream against a peer of OpenSSL's own, by records and by turns of the loop. Above 400 lines
// because what a hostile peer may do with records is told over one pair of streams.
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

struct Pair {
    explicit Pair(boost::asio::any_io_executor executor,
                  int (*server_verify)(X509_STORE_CTX*, void*) = nullptr)
        : identity(test::make_session_identity("s_1234567890")),
          client_context(test::make_tls_context(nullptr)),
          server_context(test::make_tls_context(&identity)) {
        if (server_verify) {
            SSL_CTX_set_verify(server_context.get(),
                               SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
            SSL_CTX_set_cert_verify_callback(server_context.get(), server_verify, nullptr);
        }
        auto [near, far] = test::tcp_pair(executor);
        client.emplace(std::move(near), client_context.get(), TlsStream::Role::client,
                       "10.0.0.7:9202", Hop::worker);
        server.emplace(std::move(far), server_context.get(), TlsStream::Role::server, "a client",
                       Hop::local);
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
    Owned<SSL_CTX, SSL_CTX_free> client_context;
    Owned<SSL_CTX, SSL_CTX_free> server_context;
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

TEST_CASE(
    "tls stream: what is put together leaves together, and a read takes several records at once") {
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

TEST_CASE("tls stream: what breaks it behind data that came with it is told after the data, and "
          "again to who writes") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        std::vector<std::byte> buffer(1000);
        const auto first = pattern(1);
        const auto greeted = co_await pair.server->write(first);
        REQUIRE(greeted);
        const auto one = co_await pair.client->read_some(buffer); // and the tickets before it
        REQUIRE(one);

        const auto arrived = [&pair](std::size_t bytes) {
            return pair.client->socket().available() == bytes;
        };
        const auto data = pattern(100);
        const auto sent = co_await pair.server->write(data);
        REQUIRE(sent);
        const std::size_t record = 5 + 100 + 1 + 16;
        for (int i = 0; i < 1000 && !arrived(record); ++i) co_await async::sleep_for(10ms);
        const std::array<unsigned char, 37> forged{0x17, 3, 3, 0, 32};
        boost::asio::write(pair.server->socket(), boost::asio::buffer(forged));
        for (int i = 0; i < 1000 && !arrived(record + forged.size()); ++i)
            co_await async::sleep_for(10ms);

        const auto count = co_await pair.client->read_some(buffer);
        REQUIRE(count);
        CHECK(*count == 100);
        const auto broken = co_await pair.client->read_some(buffer);
        REQUIRE_FALSE(broken);
        CHECK(broken.error().code == Errc::worker_refused);
        CHECK(broken.error().message ==
              "read from 10.0.0.7:9202: tls: decryption failed or bad record mac");
        const auto after = pair.client->put(data);
        REQUIRE_FALSE(after);
        CHECK(after.error().message == broken.error().message);
    });
}

TEST_CASE("tls stream: a server that dislikes the client's certificate is heard on the first read, "
          "by its alert") {
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
        TlsStream client(std::move(near), pair.client_context.get(), TlsStream::Role::client,
                         "10.0.0.7:9202", Hop::worker);
        pair.server.emplace(std::move(far), pair.server_context.get(), TlsStream::Role::server,
                            "a client", Hop::local);
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
        auto ssl = test::make_tls_context(nullptr);
        auto [near, far] = test::tcp_pair(context.get_executor());
        TlsStream client(std::move(near), ssl.get(), TlsStream::Role::client, "10.0.0.7:22",
                         Hop::worker);
        const std::string banner = "SSH-2.0-OpenSSH_9.2p1\r\n";
        boost::asio::write(far, boost::asio::buffer(banner));
        const auto done = co_await client.handshake();
        REQUIRE_FALSE(done);
        CHECK(done.error().message ==
              "TLS handshake with 10.0.0.7:22: tls: what answers there does not speak TLS");
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

TEST_CASE("tls stream: shutdown() says that it was an end; a FIN alone does not") {
    const bool polite = GENERATE(true, false);
    test::run([polite](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        if (polite)
            co_await pair.client->shutdown(1s);
        else
            pair.client->socket().shutdown(tcp::socket::shutdown_send);
        std::vector<std::byte> buffer(100);
        const auto end = co_await pair.server->read_some(buffer);
        REQUIRE(end);
        CHECK(*end == 0);
        // Who can tell them apart, tells a whole answer from one that was cut.
        CHECK(((SSL_get_shutdown(pair.server->ssl()) & SSL_RECEIVED_SHUTDOWN) != 0) == polite);
    });
}

TEST_CASE("tls stream: who only reads sends what waits, as soon as the peer takes it") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto bytes = pattern(32'000'000);
        REQUIRE(pair.client->put(bytes)); // and nobody calls flush()
        std::vector<std::byte> nothing;
        std::vector<std::byte> got;
        async::TaskGroup group(context.get_executor());
        group.spawn(read_all(*pair.client, nothing, 100), "client reads");
        got.reserve(bytes.size());
        std::vector<std::byte> buffer(65536);
        while (got.size() < bytes.size()) {
            const auto count = co_await async::with_timeout(pair.server->read_some(buffer), 10s);
            REQUIRE(count.has_value());
            REQUIRE(*count);
            got.insert(got.end(), buffer.begin(), buffer.begin() + std::ptrdiff_t(**count));
        }
        CHECK((got == bytes));
        co_await pair.server->shutdown(1s);
        co_await group.drain();
    });
}

TEST_CASE("tls stream: records are read by turns, however many have come") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto byte = pattern(1);
        constexpr std::size_t many = 2'000;
        for (std::size_t i = 0; i < many; ++i) REQUIRE(pair.server->put(byte));
        const auto sent = co_await pair.server->flush();
        REQUIRE(sent);
        std::size_t got = 0;
        std::size_t most = 0;
        std::vector<std::byte> buffer(65536);
        while (got < many) {
            std::size_t turn = 0;
            for (;;) { // as a caller would that does not wait by itself
                const auto count = pair.client->try_read(buffer);
                REQUIRE(count.has_value());
                if (!*count) break;
                turn += **count;
            }
            got += turn;
            most = std::max(most, turn);
            if (got < many) {
                const auto ready = co_await async::with_timeout(pair.client->wait_readable(), 10s);
                REQUIRE(ready.has_value()); // what is left may be in OpenSSL's buffer only
            }
        }
        CHECK(got == many);
        CHECK(most <= 256);
    });
}

namespace {

enum class Late { update, update_with_answer, ticket };

void send_late(TlsStream& server, Late what) {
    SSL* const ssl = server.ssl();
    if (what == Late::ticket)
        REQUIRE(SSL_new_session_ticket(ssl) == 1);
    else
        REQUIRE(SSL_key_update(ssl, what == Late::update ? SSL_KEY_UPDATE_NOT_REQUESTED
                                                         : SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(ssl) == 1);
}

} // namespace

TEST_CASE("tls stream: some key updates and tickets among the data are nothing; without end they "
          "are a reason to go") {
    const auto what = GENERATE(Late::update, Late::update_with_answer, Late::ticket);
    test::run([what](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto bytes = pattern(100);
        std::vector<std::byte> buffer(65536);
        for (int i = 0; i < 20; ++i) {
            send_late(*pair.server, what);
            REQUIRE(pair.server->put(bytes));
            const auto sent = co_await pair.server->flush();
            REQUIRE(sent);
            const auto count = co_await pair.client->read_some(buffer);
            REQUIRE(count);
            CHECK(*count == bytes.size());
        }
        CHECK_FALSE(pair.client->flooded());
        REQUIRE(pair.server->put(bytes));
        for (int i = 0; i < 1'000; ++i) send_late(*pair.server, what);
        REQUIRE(pair.server->put(bytes));
        const auto sent = co_await pair.server->flush();
        REQUIRE(sent);
        const auto before = co_await pair.client->read_some(buffer);
        REQUIRE(before);
        CHECK(*before == bytes.size());
        const auto given_up = co_await pair.client->read_some(buffer);
        REQUIRE_FALSE(given_up);
        CHECK(given_up.error().code == Errc::worker_refused);
        CHECK(given_up.error().hop == Hop::worker);
        CHECK(given_up.error().message == "read from 10.0.0.7:9202: it sends key updates or "
                                          "session tickets without end, and was given up");
        CHECK(pair.client->flooded());
        CHECK(pair.client->waiting() < 4'096); // no answers beyond those
    });
}

TEST_CASE("tls stream: a session ticket longer than any server has a reason for is refused") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        static const std::string ballast(40'000, 'x'); // goes into the ticket
        const auto add = [](SSL* ssl, void*) {
            return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), ballast.data(),
                                                   ballast.size());
        };
        SSL_CTX_set_session_ticket_cb(pair.server_context.get(), add, nullptr, nullptr);
        co_await pair.greet();
        const auto byte = pattern(1);
        const auto sent = co_await pair.server->write(byte);
        REQUIRE(sent);
        std::vector<std::byte> buffer(100);
        const auto got = co_await pair.client->read_some(buffer);
        CHECK_FALSE(got);
        CHECK(pair.client->flooded());
    });
}

TEST_CASE("tls stream: who flushes nothing and is asked for answers all the time holds half a MiB "
          "of them at most") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        const auto much = pattern(16'000'000);
        REQUIRE(pair.client->put(
            much)); // more than the kernel takes from a client whose server does not read
        REQUIRE(pair.client->waiting() > 0);
        send_late(*pair.server, Late::update_with_answer);
        const auto byte = pattern(1);
        const auto sent = co_await pair.server->write(byte);
        REQUIRE(sent);
        std::vector<std::byte> buffer(100);
        const auto got = co_await pair.client->read_some(buffer);
        CHECK_FALSE(got);
        CHECK(pair.client->flooded());
    });
}
