// WebSocketStream against a peer in the test's hands, over real TLS: what it answers, refuses and
// never holds more of.

#include "proxy/websocket_stream.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/session_identity.hpp"
#include "support/socket_pair.hpp"

#include <set>

using namespace agent;
using namespace std::chrono_literals;
using boundary::Role;
using net::TlsStream;
using proxy::WebSocketStream;

namespace {

std::string frame(unsigned char first, std::string_view payload) {
    REQUIRE(payload.size() < 126);
    return std::string{static_cast<char>(first), static_cast<char>(payload.size())}.append(payload);
}

std::string many(const std::string& piece, int count) {
    std::string all;
    while (count-- > 0) all += piece;
    return all;
}

/// Our stream, and the worker's end of its TLS.
struct Pair {
    explicit Pair(boost::asio::any_io_executor executor)
        : identity(test::make_session_identity("s_1234567890")),
          client_context(test::make_tls_context(nullptr)),
          server_context(test::make_tls_context(&identity)), tasks(executor) {
        auto [near, far] = test::tcp_pair(executor);
        for (auto* socket : {&near, &far}) {
            socket->set_option(boost::asio::socket_base::send_buffer_size(16 * 1024));
            socket->set_option(boost::asio::socket_base::receive_buffer_size(16 * 1024));
        }
        near_tls = std::make_unique<TlsStream>(std::move(near), client_context.get(),
                                               TlsStream::Role::client, "worker", Hop::worker);
        worker.emplace(std::move(far), server_context.get(), TlsStream::Role::server, "client",
                       Hop::local);
    }
    awaitable<void> accept() { (void)co_await worker->handshake(); }
    awaitable<void> greet() {
        tasks.spawn(accept(), "worker");
        const auto done = co_await near_tls->handshake();
        REQUIRE(done);
        co_await tasks.drain();
        stream.emplace(std::move(near_tls), Role::client);
    }
    awaitable<void> send(std::string bytes) {
        (void)co_await worker->write(std::as_bytes(std::span(bytes)));
    }
    /// What `count` bytes of the stream's frames look like on the worker's side.
    awaitable<std::string> hear(std::size_t count) {
        std::string heard;
        std::array<std::byte, 16384> piece;
        while (heard.size() < count) {
            const auto got = co_await async::with_timeout(worker->read_some(piece), 10s);
            if (!got || !*got || **got == 0) break;
            heard.append(reinterpret_cast<const char*>(piece.data()), **got);
        }
        co_return heard;
    }

    test::SessionIdentity identity;
    Owned<SSL_CTX, SSL_CTX_free> client_context;
    Owned<SSL_CTX, SSL_CTX_free> server_context;
    std::unique_ptr<TlsStream> near_tls;
    std::optional<TlsStream> worker;
    std::optional<WebSocketStream> stream;
    async::TaskGroup tasks;
};

awaitable<void> read_until_it_ends(WebSocketStream& stream, std::size_t& bytes,
                                   std::optional<Error>& error) {
    for (;;) {
        const auto piece = co_await stream.read();
        if (!piece) error = piece.error();
        if (!piece || piece->empty()) co_return;
        bytes += piece->size();
    }
}

} // namespace

TEST_CASE("websocket stream: every frame is masked with a key of its own, and no key repeats") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        constexpr std::size_t frames =
            1'000; // many times what one look at the kernel's randomness gives
        for (std::size_t i = 0; i < frames; ++i)
            REQUIRE(pair.stream->put_message("secret").has_value());
        pair.tasks.spawn(
            [](Pair& all) -> awaitable<void> { (void)co_await all.stream->flush(); }(pair),
            "flush");
        const auto heard = co_await pair.hear(frames * 12);
        co_await pair.tasks.drain();
        std::set<boundary::MaskKey> keys;
        boundary::FrameParser parser(Role::server);
        std::size_t right = 0;
        for (std::size_t at = 0; at < heard.size();) {
            const auto step = parser.feed(std::as_bytes(std::span(heard)).subspan(at));
            REQUIRE(step.header.has_value());
            REQUIRE(step.header->key.has_value());
            keys.insert(*step.header->key);
            std::string payload = heard.substr(at + step.consumed, step.header->length);
            CHECK(payload != "secret");
            boundary::mask(std::as_writable_bytes(std::span(payload)), *step.header->key, 0);
            right += payload == "secret";
            at += step.consumed + step.header->length;
        }
        CHECK(right == frames);
        CHECK(keys.size() >= frames - 1); // four random bytes: two of a thousand may be the same
                                          // once in ten thousand runs
    });
}

TEST_CASE("websocket stream: pongs to a peer that does not read wait within a bound") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        // A ping beside each frame with bytes in it is nobody's flood, but a peer that never reads
        // is owed only so much.
        const auto talk = frame(0x82, "x") + frame(0x89, std::string(125, 'p'));
        pair.tasks.spawn(pair.send(many(talk, 10'000)), "worker");
        std::size_t got = 0;
        std::size_t most = 0;
        while (got < 10'000) {
            const auto piece = co_await async::with_timeout(pair.stream->read(), 20s);
            REQUIRE(piece.has_value());
            REQUIRE(piece->has_value());
            got += (*piece)->size();
            most = std::max(most, pair.stream->tls().waiting());
        }
        CHECK(most > 100 * 1024); // or nothing was tested
        CHECK(most <= 257 * 1024);
        pair.stream->tls().close();
        co_await pair.tasks.drain();
    });
}

TEST_CASE("websocket stream: a message in many fragments is limited as a whole") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        co_await pair.send(frame(0x02, std::string(60, 'a')) + frame(0x80, std::string(40, 'b')));
        const auto fits = co_await pair.stream->read_message(100);
        REQUIRE(fits.has_value());
        CHECK(**fits == std::string(60, 'a') + std::string(40, 'b'));
        co_await pair.send(frame(0x02, std::string(60, 'a')) + frame(0x80, std::string(41, 'b')));
        const auto too_long = co_await pair.stream->read_message(100);
        REQUIRE_FALSE(too_long.has_value());
        CHECK(too_long.error().code == Errc::limit_exceeded);
        CHECK(pair.stream->peer_close()->code == boundary::CloseCode::too_big);
    });
}

TEST_CASE("websocket stream: a text message breaks the protocol") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        co_await pair.send(frame(0x81, "text"));
        const auto piece = co_await pair.stream->read();
        REQUIRE_FALSE(piece.has_value());
        CHECK(piece.error().message ==
              "worker broke the WebSocket protocol: only binary messages are spoken here");
        const auto answer = co_await pair.hear(6 + 2);
        REQUIRE(answer.size() > 6);
        CHECK(answer.front() == '\x88'); // our CLOSE says so
    });
}

TEST_CASE(
    "websocket stream: frames that carry nothing are taken now and then, and refused without end") {
    const auto idle =
        GENERATE(as<std::string>(), frame(0x82, ""), frame(0x89, "ping"), frame(0x8a, "unasked"),
                 frame(0x02, "") + many(frame(0x00, ""), 10) + frame(0x80, ""));
    test::run([idle](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        std::size_t got = 0;
        std::optional<Error> error;
        pair.tasks.spawn(read_until_it_ends(*pair.stream, got, error), "reader");
        // One beside each frame with bytes in it, as long as it likes; and some more.
        for (int i = 0; i < 100; ++i)
            co_await pair.send(many(frame(0x82, "x") + frame(0x89, ""), 100));
        co_await pair.send(many(idle, 50) + frame(0x82, "y"));
        for (int i = 0; i < 1'000 && got < 10'001; ++i) co_await async::sleep_for(10ms);
        CHECK(got == 10'001);
        CHECK_FALSE(error.has_value());

        for (int i = 0; i < 100 && !error; ++i) co_await pair.send(many(idle, 1'000));
        for (int i = 0; i < 1'000 && !error; ++i) co_await async::sleep_for(10ms);
        REQUIRE(error.has_value());
        CHECK(error->code == Errc::worker_refused);
        CHECK(error->hop == Hop::worker);
        CHECK(error->message ==
              "worker broke the WebSocket protocol: frames that carry nothing, without end");
        pair.stream->tls().close();
        co_await pair.tasks.drain();
    });
}

TEST_CASE("websocket stream: an answer to each of our pings is no flood, however many there are") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        std::size_t got = 0;
        std::optional<Error> error;
        pair.tasks.spawn(read_until_it_ends(*pair.stream, got, error), "reader");
        for (int round = 0; round < 30; ++round) {
            for (int i = 0; i < 100; ++i) pair.stream->ping();
            const auto pings = co_await pair.hear(100 * 6);
            REQUIRE(pings.size() == 600);
            co_await pair.send(many(frame(0x8a, ""), 100));
        }
        for (int i = 0; i < 1'000 && pair.stream->activity().pongs < 3'000; ++i)
            co_await async::sleep_for(10ms);
        CHECK(pair.stream->activity().pongs == 3'000);
        CHECK_FALSE(error.has_value());
        pair.stream->tls().close();
        co_await pair.tasks.drain();
    });
}

TEST_CASE("websocket stream: one-byte frames are read by turns, however many have come") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        Pair pair(context.get_executor());
        co_await pair.greet();
        constexpr std::size_t frames = 20'000;
        pair.tasks.spawn(pair.send(many(frame(0x82, "x"), frames)), "worker");
        std::size_t got = 0;
        std::size_t most = 0;
        while (got < frames) {
            const auto ready =
                co_await async::with_timeout(pair.stream->tls().wait_readable(), 10s);
            REQUIRE(ready.has_value());
            std::size_t turn = 0;
            for (;;) {
                const auto piece = pair.stream->read_now();
                REQUIRE(piece.has_value());
                if (!*piece) break;
                turn += (*piece)->size();
                while (const auto more = pair.stream->read_received()) turn += more->size();
            }
            got += turn;
            most = std::max(most, turn);
        }
        CHECK(got == frames);
        CHECK(most <= 1'024);
        co_await pair.tasks.drain();
    });
}
