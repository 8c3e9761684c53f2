// Relay between a local socket and a worker's stream that are both in the test's hands: who does
// not read stops who sends, and little is held meanwhile.

#include "proxy/relay.hpp"

#include "async/task_group.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/session_identity.hpp"
#include "support/socket_pair.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>
#include <poll.h>

#include <atomic>
#include <thread>

using namespace agent;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using net::TlsStream;
using proxy::WebSocketStream;

namespace {

constexpr std::size_t much = 16 * 1024 * 1024;
// Less than a few of loopback's 64 KiB segments would make TCP wait for its timers.
constexpr int kernel_buffer =
    256 * 1024; // what the kernel may hold of it, for each socket; it doubles that

void hold_little(tcp::socket& socket) {
    socket.set_option(boost::asio::socket_base::send_buffer_size(kernel_buffer));
    socket.set_option(boost::asio::socket_base::receive_buffer_size(kernel_buffer));
}

std::byte pattern_at(std::uint64_t at) {
    return std::byte(at * 31 + at / 251);
}

struct RelayStage {
    explicit RelayStage(boost::asio::io_context& context)
        : identity(test::make_session_identity("s_1234567890")),
          client_context(test::make_tls_context(nullptr)),
          server_context(test::make_tls_context(&identity)), running(context.get_executor()) {
        auto [near, far] = test::tcp_pair(context.get_executor());
        hold_little(near);
        hold_little(far);
        near_tls = std::make_unique<TlsStream>(std::move(near), client_context.get(),
                                               TlsStream::Role::client, "worker", Hop::worker);
        far_tls = std::make_unique<TlsStream>(std::move(far), server_context.get(),
                                              TlsStream::Role::server, "client", Hop::local);
        auto [outer, inner] = test::tcp_pair(context.get_executor());
        client.emplace(std::move(outer));
        local.emplace(std::move(inner));
        hold_little(*client);
        hold_little(*local);
    }
    awaitable<void> accept_tls() { (void)co_await far_tls->handshake(); }
    awaitable<void> start() {
        running.spawn(accept_tls(), "server handshake");
        const auto done = co_await near_tls->handshake();
        REQUIRE(done.has_value());
        co_await running.drain();
        remote = std::make_unique<WebSocketStream>(std::move(near_tls), boundary::Role::client);
        worker = std::make_unique<WebSocketStream>(std::move(far_tls), boundary::Role::server);
        relay.emplace(*local, *remote, proxy::RelayPolicy{}, counts);
        running.spawn(carry(), "relay");
    }
    awaitable<void> carry() {
        co_await relay->run();
        end = relay->end();
    }

    test::SessionIdentity identity;
    Owned<SSL_CTX, SSL_CTX_free> client_context;
    Owned<SSL_CTX, SSL_CTX_free> server_context;
    std::unique_ptr<TlsStream> near_tls;
    std::unique_ptr<TlsStream> far_tls;
    std::optional<tcp::socket> client; ///< the user's end
    std::optional<tcp::socket> local;
    std::unique_ptr<WebSocketStream> remote;
    std::unique_ptr<WebSocketStream> worker; ///< the worker's end
    proxy::ByteCounts counts;
    std::optional<proxy::Relay<tcp::socket>> relay;
    std::optional<proxy::RelayEnd> end;
    async::TaskGroup running;
};

/// Both senders count what was taken off their hands.
awaitable<void> send_as_client(RelayStage& stage, std::size_t& taken) {
    std::vector<std::byte> piece(50'000);
    while (taken < much) {
        const auto size = std::min(piece.size(), much - taken);
        for (std::size_t i = 0; i < size; ++i) piece[i] = pattern_at(taken + i);
        const auto [ec, n] = co_await boost::asio::async_write(
            *stage.client, boost::asio::buffer(piece.data(), size), async::token);
        if (ec) co_return;
        taken += n;
    }
}

awaitable<void> send_as_worker(RelayStage& stage, std::size_t& taken) {
    while (taken < much) {
        const auto space = stage.worker->write_space();
        const auto size = std::min(space.size(), much - taken);
        for (std::size_t i = 0; i < size; ++i) space[i] = pattern_at(taken + i);
        const auto sent = co_await stage.worker->write(size);
        if (!sent) co_return;
        taken += size;
    }
}

/// Until nothing has moved for a while, however slow the machine is.
awaitable<void> stuck(const std::size_t& taken) {
    for (int quiet = 0; quiet < 20;) {
        const auto before = taken;
        co_await async::sleep_for(20ms);
        quiet = taken == before && taken > 0 ? quiet + 1 : 0;
    }
}

// A block on each side of the kernel's buffers, one more for what the peer in this test holds.
constexpr std::size_t blocks_at_most = 4;
// Of the 16 MiB: the kernel's buffers of four sockets and our blocks.
constexpr std::size_t taken_at_most =
    4 * 2 * 2 * kernel_buffer + blocks_at_most * net::Block::bytes;

} // namespace

TEST_CASE("relay: a worker that reads nothing stops the client, with at most a few blocks held, "
          "and gets all in the end") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        std::size_t taken = 0;
        async::TaskGroup sender(context.get_executor());
        sender.spawn(send_as_client(stage, taken), "client");
        co_await stuck(taken);
        CHECK(taken < taken_at_most);
        CHECK(net::blocks_on_loan() <= blocks_at_most);

        std::size_t arrived = 0;
        bool right = true;
        while (arrived < much) {
            const auto piece = co_await stage.worker->read();
            REQUIRE(piece.has_value());
            REQUIRE_FALSE(piece->empty());
            for (const auto byte : *piece) right = right && byte == pattern_at(arrived++);
        }
        CHECK(right);
        CHECK(stage.counts.up == much);
        co_await sender.drain();
        stage.client->close();
        co_await stage.running.drain();
        CHECK(stage.end->by == proxy::EndedBy::local);
    });
}

TEST_CASE("relay: a client that reads nothing stops the worker, with at most a few blocks held, "
          "and gets all in the end") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        std::size_t taken = 0;
        async::TaskGroup sender(context.get_executor());
        sender.spawn(send_as_worker(stage, taken), "worker");
        co_await stuck(taken);
        CHECK(taken < taken_at_most);
        CHECK(net::blocks_on_loan() <= blocks_at_most);

        std::vector<std::byte> piece(100'000);
        std::size_t arrived = 0;
        bool right = true;
        while (arrived < much) {
            const auto [ec, n] =
                co_await stage.client->async_read_some(boost::asio::buffer(piece), async::token);
            REQUIRE_FALSE(ec);
            for (std::size_t i = 0; i < n; ++i) right = right && piece[i] == pattern_at(arrived++);
        }
        CHECK(right);
        CHECK(stage.counts.down == much);
        co_await sender.drain();
        stage.client->close();
        co_await stage.running.drain();
    });
}

TEST_CASE("relay: a connection that waits holds no block") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        const std::string hello = "hello";
        (void)co_await boost::asio::async_write(*stage.client, boost::asio::buffer(hello),
                                                async::token);
        const auto heard = co_await stage.worker->read();
        REQUIRE(heard.has_value());
        REQUIRE(heard->size() == hello.size());
        const auto answered = co_await stage.worker->write_message(hello);
        REQUIRE(answered.has_value());
        std::string back(hello.size(), '\0');
        (void)co_await boost::asio::async_read(*stage.client, boost::asio::buffer(back),
                                               async::token);
        CHECK(back == hello);
        // The worker's end is the test's: its reader holds what it was given until it reads on.
        async::TaskGroup reader(context.get_executor());
        const auto read_on = [&]() -> awaitable<void> { (void)co_await stage.worker->read(); };
        reader.spawn(read_on(), "reader");
        for (int i = 0; i < 500 && net::blocks_on_loan() > 0; ++i) co_await async::sleep_for(20ms);
        CHECK(net::blocks_on_loan() == 0);
        stage.client->close();
        co_await stage.running.drain();
        stage.remote->tls().close();
        co_await reader.drain();
    });
}

TEST_CASE("relay: a worker whose stream ends inside a message has broken off: it is no end") {
    const bool in_header = GENERATE(true, false);
    test::run([in_header](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        const std::array begun{std::byte{0x82}, std::byte{5}, std::byte{'h'},
                               std::byte{'e'}}; // "hello", as far as it came
        REQUIRE(stage.worker->tls().put(std::span(begun).first(in_header ? 1 : 4)).has_value());
        const auto sent = co_await stage.worker->tls().flush();
        REQUIRE(sent.has_value());
        co_await stage.worker->tls().shutdown(10s);
        for (int i = 0; i < 500 && !stage.end; ++i) co_await async::sleep_for(20ms);
        REQUIRE(stage.end.has_value());
        CHECK(stage.end->by == proxy::EndedBy::remote_error);
        CHECK(stage.end->error.message == "worker ended the connection in the middle of a message");
        stage.client->close();
        co_await stage.running.drain();
    });
}

TEST_CASE(
    "relay: frames of every small size, empty ones and pings between them arrive as one stream") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        std::string expected;
        for (std::size_t size = 0; size < 300; ++size) { // queued, so that many come in one record
            const auto space = stage.worker->write_space();
            for (std::size_t i = 0; i < size; ++i) {
                space[i] = pattern_at(expected.size());
                expected += static_cast<char>(space[i]);
            }
            REQUIRE(stage.worker->put(size).has_value());
            if (size % 7 == 0) {
                const std::array ping{std::byte{0x89}, std::byte{2}, std::byte{'h'},
                                      std::byte{'i'}};
                REQUIRE(stage.worker->tls().put(ping).has_value());
            }
        }
        boundary::CloseFrame bye;
        bye.code = boundary::CloseCode::normal;
        stage.running.spawn(stage.worker->close(std::move(bye), 10s), "worker closes");
        std::string got;
        std::array<char, 999> piece;
        for (;;) {
            const auto [ec, n] =
                co_await stage.client->async_read_some(boost::asio::buffer(piece), async::token);
            got.append(piece.data(), n);
            if (ec) break;
        }
        CHECK((got == expected));
        stage.client->close();
        for (int i = 0; i < 500 && !stage.end; ++i) co_await async::sleep_for(20ms);
        REQUIRE(stage.end.has_value());
        CHECK(stage.end->by == proxy::EndedBy::remote);
        boundary::CloseFrame answer;
        answer.code = boundary::CloseCode::normal;
        co_await stage.remote->close(std::move(answer), 10s);
        co_await stage.running.drain();
    });
}

TEST_CASE(
    "relay: what a client says after the worker has ended is counted by nobody and goes nowhere") {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        boundary::CloseFrame bye;
        bye.code = boundary::CloseCode::normal;
        stage.running.spawn(stage.worker->close(std::move(bye), 10s), "worker closes");
        std::array<char, 100> piece;
        const auto [ec, n] =
            co_await stage.client->async_read_some(boost::asio::buffer(piece), async::token);
        CHECK(ec == boost::asio::error::eof);
        const std::string late = "too late";
        (void)co_await boost::asio::async_write(*stage.client, boost::asio::buffer(late),
                                                async::token);
        stage.client->shutdown(tcp::socket::shutdown_send);
        for (int i = 0; i < 500 && !stage.end; ++i) co_await async::sleep_for(20ms);
        REQUIRE(stage.end.has_value());
        CHECK(stage.end->by == proxy::EndedBy::remote);
        CHECK(stage.counts.up == 0);
        CHECK(stage.remote->activity().messages == 0);
        stage.remote->tls().close();
        co_await stage.running.drain();
    });
}

TEST_CASE("relay: a client that never pauses lets the others have their turn") {
    const std::size_t step = GENERATE(std::size_t{50'000}, std::size_t{1});
    test::run([step](boost::asio::io_context& context) -> awaitable<void> {
        RelayStage stage(context);
        co_await stage.start();
        const int sending = stage.client->native_handle();
        const int taking = stage.worker->tls().socket().native_handle();
        std::atomic<bool> over = false;
        std::thread sender([&] {
            const std::string bytes(step, 'x');
            while (!over) (void)::send(sending, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        });
        std::thread taker([&] { // as it comes: nobody here wants to know what it says
            std::string bytes(1024 * 1024, 0);
            pollfd ready{taking, POLLIN, 0};
            while (!over)
                if (::poll(&ready, 1, 100) > 0)
                    (void)::recv(taking, bytes.data(), bytes.size(), MSG_DONTWAIT);
        });
        std::uint64_t most = 0;
        std::uint64_t most_messages = 0;
        const auto enough = stage.counts.up + (step == 1 ? 300'000 : 100'000'000);
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (stage.counts.up < enough && std::chrono::steady_clock::now() < deadline) {
            const auto before = stage.counts.up;
            const auto messages = stage.remote->activity().messages;
            co_await async::let_others();
            most = std::max(most, stage.counts.up - before);
            most_messages = std::max(most_messages, stage.remote->activity().messages - messages);
        }
        over = true;
        ::shutdown(sending, SHUT_RDWR);
        sender.join();
        taker.join();
        CHECK(most > 0);
        CHECK(most <= 1024 * 1024 + 128 * 1024);
        CHECK(most_messages <= 300);
        stage.remote->tls().close();
        stage.worker->tls().close();
        co_await stage.running.drain();
    });
}
