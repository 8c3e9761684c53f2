// The session's TLS settings against a server in the test's hands: who it is, and what a connection
// keeps of that.

#include "proxy/session_tls.hpp"

#include "async/task_group.hpp"
#include "net/tls_stream.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/session_identity.hpp"
#include "support/socket_pair.hpp"

using namespace agent;
using net::TlsStream;

namespace {

Owned<SSL_CTX, SSL_CTX_free> context_of(const test::SessionIdentity& identity) {
    boundary::SessionAuthorization authorization;
    authorization.session_id = "s_1234567890";
    authorization.certificate = identity.certificate;
    authorization.private_key = Secret(identity.private_key);
    auto context = proxy::make_session_context(authorization);
    REQUIRE(context.has_value());
    return std::move(*context);
}

/// A worker's door needs no more than the certificate and the key: what it checks is not the
/// question here.
Owned<SSL_CTX, SSL_CTX_free> worker_of(const test::SessionIdentity& identity) {
    Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_server_method()));
    const auto settings = context_of(identity);
    REQUIRE(SSL_CTX_use_certificate(context.get(), SSL_CTX_get0_certificate(settings.get())) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context.get(), SSL_CTX_get0_privatekey(settings.get())) == 1);
    return context;
}

struct TlsPair {
    TlsPair(boost::asio::any_io_executor executor, SSL_CTX* client_context, SSL_CTX* worker_context)
        : group(executor) {
        auto [near, far] = test::tcp_pair(executor);
        client.emplace(std::move(near), client_context, TlsStream::Role::client, "worker",
                       Hop::worker);
        worker.emplace(std::move(far), worker_context, TlsStream::Role::server, "client",
                       Hop::local);
    }
    awaitable<Status> greet() {
        group.spawn(accept(), "worker");
        auto done = co_await client->handshake();
        co_await group.drain();
        co_return done;
    }
    awaitable<void> accept() { (void)co_await worker->handshake(); }

    std::optional<TlsStream> client;
    std::optional<TlsStream> worker;
    async::TaskGroup group;
};

} // namespace

TEST_CASE(
    "session tls: a worker with the session's certificate is let in, and no copy of it is kept") {
    const auto identity = test::make_session_identity("s_1234567890");
    const auto ours = context_of(identity);
    const auto theirs = worker_of(identity);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        TlsPair pair(context.get_executor(), ours.get(), theirs.get());
        const auto done = co_await pair.greet();
        REQUIRE(done.has_value());
        X509* const shown = SSL_get0_peer_certificate(pair.client->ssl());
        CHECK(shown != nullptr);
        CHECK(shown == SSL_get_certificate(pair.client->ssl()));
    });
}

TEST_CASE("session tls: another certificate, though it names the same session, is refused") {
    const auto ours = context_of(test::make_session_identity("s_1234567890"));
    const auto theirs = worker_of(test::make_session_identity("s_1234567890"));
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        TlsPair pair(context.get_executor(), ours.get(), theirs.get());
        const auto done = co_await pair.greet();
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == Errc::worker_refused);
        CHECK(done.error().message ==
              "TLS handshake with worker: tls: the peer's certificate is not this session's");
    });
}

TEST_CASE("session tls: a worker that speaks nothing newer than TLS 1.2 is refused") {
    const auto identity = test::make_session_identity("s_1234567890");
    const auto ours = context_of(identity);
    const auto theirs = worker_of(identity);
    SSL_CTX_set_min_proto_version(theirs.get(), TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(theirs.get(), TLS1_2_VERSION);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        TlsPair pair(context.get_executor(), ours.get(), theirs.get());
        const auto done = co_await pair.greet();
        CHECK_FALSE(done.has_value());
    });
}
