// bench-peer: what is at the far end of everything tests/bench measures. One program for all, so
// that the far end costs each of them the same: a plain TCP door (for ssh -L), a TLS 1.3 door (for
// HAProxy) and a Boundary worker's door (for agent-proxy and the reference client). Behind each
// door it greets first, then sends or swallows what it is asked for.
//
// Prints its ports and an authorization token for the worker's door as one line of JSON, and serves
// until it is killed.

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "base/process.hpp"
#include "boundary/handshake.hpp"
#include "devserver/worker/upgrade_request.hpp"
#include "devserver/worker/worker_tls.hpp"
#include "net/listen.hpp"
#include "proxy/file_limit.hpp"
#include "proxy/websocket_stream.hpp"
#include "unit/devserver_worker/memory_authority.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include <cstdio>
#include <cstring>
#include <memory>

namespace {

using namespace agent;
using boost::asio::ip::tcp;
using net::TlsStream;
using proxy::WebSocketStream;
using Bytes = std::span<const std::byte>;

constexpr std::size_t piece_bytes = 64 * 1024;
const char* const session_id = "s_1234567890";

/// As Go's workers choose, for every client alike.
void prefer_aes_128(SSL_CTX* context) {
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(context, 0);
}

// Each door: take() some bytes (none: the client has ended), give() some.

class PlainDoor {
  public:
    explicit PlainDoor(tcp::socket socket) : socket_(std::move(socket)), buffer_(piece_bytes) {}
    awaitable<bool> open() { co_return true; }
    awaitable<Bytes> take() {
        const auto [ec, count] =
            co_await socket_.async_read_some(boost::asio::buffer(buffer_), async::token);
        co_return Bytes(buffer_.data(), count);
    }
    awaitable<bool> give(Bytes bytes) {
        const auto [ec, count] = co_await boost::asio::async_write(
            socket_, boost::asio::buffer(bytes.data(), bytes.size()), async::token);
        co_return !ec;
    }

  private:
    tcp::socket socket_;
    std::vector<std::byte> buffer_;
};

class TlsDoor {
  public:
    TlsDoor(tcp::socket socket, SSL_CTX* context)
        : tls_(std::move(socket), context, TlsStream::Role::server, "client", Hop::local),
          buffer_(piece_bytes) {}
    awaitable<bool> open() {
        const auto done = co_await tls_.handshake();
        co_return done.has_value();
    }
    awaitable<Bytes> take() {
        const auto count = co_await tls_.read_some(buffer_);
        co_return Bytes(buffer_.data(), count ? *count : 0);
    }
    awaitable<bool> give(Bytes bytes) {
        const auto done = co_await tls_.write(bytes);
        co_return done.has_value();
    }

  private:
    TlsStream tls_;
    std::vector<std::byte> buffer_;
};

class WorkerDoor {
  public:
    WorkerDoor(tcp::socket socket, SSL_CTX* context)
        : tls_(std::make_unique<TlsStream>(std::move(socket), context, TlsStream::Role::server,
                                           "client", Hop::local)) {}
    /// Whatever token comes is right: this measures the client, not a worker's rules.
    awaitable<bool> open() {
        const auto secured = co_await tls_->handshake();
        if (!secured) co_return false;
        std::string head;
        while (!devserver::request_head_length(head)) {
            std::array<std::byte, 4096> piece;
            const auto count = co_await tls_->read_some(piece);
            if (!count || *count == 0) co_return false;
            head.append(reinterpret_cast<const char*>(piece.data()), *count);
        }
        const auto answer = devserver::answer_upgrade(head);
        const auto sent = co_await tls_->write(std::as_bytes(std::span(answer.text)));
        if (!sent || !answer.upgraded()) co_return false;
        stream_ = std::make_unique<WebSocketStream>(std::move(tls_), boundary::Role::server);
        const auto handshake = co_await stream_->read_message(32 * 1024);
        if (!handshake || !*handshake) co_return false;
        boundary::HandshakeResult result;
        result.expiration = wall_now() + std::chrono::hours(1);
        result.connection_limit = -1;
        result.connections_left = -1;
        const auto told =
            co_await stream_->write_message(boundary::encode_handshake_result(result));
        co_return told.has_value();
    }
    awaitable<Bytes> take() {
        const auto piece = co_await stream_->read();
        if (!piece) co_return Bytes();
        co_return *piece;
    }
    awaitable<bool> give(Bytes bytes) {
        while (!bytes.empty()) {
            const auto space = stream_->write_space();
            const auto count = std::min(space.size(), bytes.size());
            std::memcpy(space.data(), bytes.data(), count);
            const auto done = co_await stream_->write(count);
            if (!done) co_return false;
            bytes = bytes.subspan(count);
        }
        co_return true;
    }

  private:
    std::unique_ptr<TlsStream> tls_;
    std::unique_ptr<WebSocketStream> stream_;
};

/// What load.cpp asks for behind the greeting: 'u' swallow, 'd' send, 'e' send back, 'i' stay.
struct [[gnu::packed]] Wish {
    char what;
    std::uint64_t bytes;
    std::uint32_t piece; ///< bytes of one give()
};

template <class Door> awaitable<void> serve(std::unique_ptr<Door> door) {
    static const std::vector<std::byte> zeroes(1 << 20);
    const Bytes one(zeroes.data(), 1);
    bool good = co_await door->open();
    if (good) good = co_await door->give(one);
    std::array<std::byte, sizeof(Wish)> head;
    std::size_t have = 0;
    std::uint64_t taken = 0;
    while (good && have < head.size()) {
        const auto bytes = co_await door->take();
        if (bytes.empty()) co_return;
        const auto count = std::min(bytes.size(), head.size() - have);
        std::memcpy(head.data() + have, bytes.data(), count);
        have += count;
        taken = bytes.size() - count;
    }
    Wish wish;
    std::memcpy(&wish, head.data(), sizeof wish);
    const std::uint64_t wanted = wish.bytes;
    if (good && wish.what == 'd') {
        const std::size_t piece = std::min<std::size_t>(wish.piece, zeroes.size());
        for (std::uint64_t left = wanted; good && left > 0;) {
            const auto count = std::min<std::uint64_t>(left, piece);
            good = co_await door->give(Bytes(zeroes.data(), count));
            left -= count;
        }
    }
    if (good && wish.what == 'u') {
        while (good && taken < wanted) {
            const auto bytes = co_await door->take();
            good = !bytes.empty();
            taken += bytes.size();
        }
        if (good) good = co_await door->give(one);
    }
    const bool echo = wish.what == 'e';
    if (good && echo && taken > 0)
        good = co_await door->give(Bytes(zeroes.data(), taken)); // came with the wish
    while (good) {
        const auto bytes = co_await door->take();
        good = !bytes.empty();
        if (good && echo) good = co_await door->give(bytes);
    }
}

template <class Open>
awaitable<void> accept(tcp::acceptor& acceptor, async::TaskGroup& group, Open open) {
    for (;;) {
        auto [ec, socket] = co_await acceptor.async_accept(async::token);
        if (ec) {
            co_await async::sleep_for(std::chrono::milliseconds(10));
            continue;
        }
        socket.set_option(tcp::no_delay(true));
        group.spawn(serve(open(std::move(socket))), "client");
    }
}

} // namespace

/// bench-peer [HOST]: the worker's address in the token, where a delay link stands in front of it.
int main(int argc, char** argv) {
    harden_process();
    proxy::raise_file_limit();

    devserver::test::MemoryAuthority authority;
    const auto& session =
        authority.add(session_id, "tcp://127.0.0.1:1", wall_now() + std::chrono::hours(24));
    devserver::WorkerTls worker_tls(authority);
    prefer_aes_128(worker_tls.context());

    const Owned<SSL_CTX, SSL_CTX_free> plain_tls(SSL_CTX_new(TLS_server_method()));
    const auto& record = session.record;
    const auto key_bytes = record.private_key.reveal();
    const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(key_bytes.data()), 32));
    SSL_CTX_set_min_proto_version(plain_tls.get(), TLS1_3_VERSION);
    SSL_CTX_use_certificate_ASN1(
        plain_tls.get(), int(record.certificate_der.size()),
        reinterpret_cast<const unsigned char*>(record.certificate_der.data()));
    SSL_CTX_use_PrivateKey(plain_tls.get(), key.get());
    prefer_aes_128(plain_tls.get());

    boost::asio::io_context context(1);
    auto plain = net::listen_tcp(context.get_executor(), "0.0.0.0", 0);
    auto tls = net::listen_tcp(context.get_executor(), "0.0.0.0", 0);
    auto worker = net::listen_tcp(context.get_executor(), "0.0.0.0", 0);
    if (!plain || !tls || !worker) return 2;

    boundary::SessionAuthorization authorization;
    authorization.session_id = session_id;
    authorization.target_id = "ttcp_1234567890";
    authorization.type = "tcp";
    authorization.certificate = record.certificate_der;
    authorization.private_key = record.private_key;
    authorization.expiration = record.expiration;
    authorization.endpoint = record.endpoint;
    authorization.connection_limit = -1;
    const std::string host = argc > 1 ? argv[1] : "127.0.0.1";
    authorization.workers = {host + ":" + std::to_string(worker->local_endpoint().port())};
    std::printf("{\"plain\":%d,\"tls\":%d,\"worker\":%d,\"token\":\"%s\"}\n",
                plain->local_endpoint().port(), tls->local_endpoint().port(),
                worker->local_endpoint().port(),
                boundary::encode_authorization_token(authorization).c_str());
    std::fflush(stdout);

    async::TaskGroup group(context.get_executor());
    const auto open_plain = [](tcp::socket socket) {
        return std::make_unique<PlainDoor>(std::move(socket));
    };
    const auto open_tls = [&](tcp::socket socket) {
        return std::make_unique<TlsDoor>(std::move(socket), plain_tls.get());
    };
    const auto open_worker = [&](tcp::socket socket) {
        return std::make_unique<WorkerDoor>(std::move(socket), worker_tls.context());
    };
    group.spawn(accept(*plain, group, open_plain), "plain");
    group.spawn(accept(*tls, group, open_tls), "tls");
    group.spawn(accept(*worker, group, open_worker), "worker");
    context.run();
    return 0;
}
