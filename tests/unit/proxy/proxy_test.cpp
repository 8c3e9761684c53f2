// A Proxy against the dev server's worker, both real, with in-memory sessions and targets on
// loopback.

#include "proxy/proxy.hpp"

#include "async/let_others.hpp"
#include "devserver/worker/worker.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/run_coroutine.hpp"
#include "support/temp_dir.hpp"
#include "unit/devserver_worker/memory_authority.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <unistd.h>

#include <thread>

using namespace agent;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using proxy::Proxy;
using proxy::State;

namespace {

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 7;
    for (auto& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

struct ProxyStage {
    ProxyStage(boost::asio::io_context& context, const std::string& target, std::int32_t limit = -1,
               proxy::ProxyOptions options = {}, devserver::WorkerLimits limits = {})
        : worker(context.get_executor(), authority, limits) {
        auto& session = authority.add("s_1234567890", "tcp://" + target, wall_now() + 1h);
        session.limit = limit;
        REQUIRE(worker.listen("127.0.0.1", 0));
        boundary::SessionAuthorization authorization;
        authorization.session_id = "s_1234567890";
        authorization.certificate = session.record.certificate_der;
        authorization.private_key = session.record.private_key;
        authorization.expiration = session.record.expiration;
        authorization.endpoint = session.record.endpoint;
        authorization.connection_limit = limit;
        // The first worker of the list is dead.
        authorization.workers = {"127.0.0.1:" + std::to_string(test::refusing_port()),
                                 "127.0.0.1:" + std::to_string(worker.endpoints().front().port())};
        auto on_change = [this](proxy::Change change, const std::string& message) {
            if (change == proxy::Change::connection_failed) failures.push_back(message);
        };
        auto made = Proxy::create(context.get_executor(), std::move(authorization),
                                  std::move(options), on_change);
        REQUIRE(made.has_value());
        subject = std::move(*made);
        REQUIRE(subject->start());
    }
    awaitable<void> end(bool cancel = false) {
        Proxy::Ending ending;
        ending.reason = agent::model::Reason(agent::model::ReasonCode::stopped, "the test is over");
        ending.cancel_session = cancel;
        subject->end(std::move(ending));
        const bool in_time = co_await async::with_timeout(subject->wait_ended(), 10s);
        CHECK(in_time);
        CHECK(subject->state() == State::ended);
        co_await worker.stop();
    }
    awaitable<tcp::socket> client() {
        tcp::socket socket(co_await boost::asio::this_coro::executor);
        const auto [ec] = co_await socket.async_connect(
            tcp::endpoint(boost::asio::ip::address_v4::loopback(), subject->port()), async::token);
        REQUIRE_FALSE(ec);
        co_return socket;
    }

    devserver::test::MemoryAuthority authority;
    devserver::Worker worker;
    std::unique_ptr<Proxy> subject;
    std::vector<std::string> failures;
};

awaitable<void> send(tcp::socket& socket, const std::string& bytes) {
    (void)co_await boost::asio::async_write(socket, boost::asio::buffer(bytes), async::token);
}

/// One client's echo; counts what came back right.
awaitable<void> echo(ProxyStage& stage, std::string bytes, int& right) {
    auto socket = co_await stage.client();
    async::TaskGroup sender(co_await boost::asio::this_coro::executor);
    sender.spawn(send(socket, bytes), "send");
    std::string back(bytes.size(), '\0');
    const auto [ec, count] =
        co_await boost::asio::async_read(socket, boost::asio::buffer(back), async::token);
    co_await sender.stop();
    right += !ec && back == bytes;
}

/// What comes until the stream ends.
awaitable<std::string> read_to_end(tcp::socket& socket) {
    std::string all;
    std::array<char, 4096> buffer;
    for (;;) {
        const auto [ec, count] =
            co_await socket.async_read_some(boost::asio::buffer(buffer), async::token);
        all.append(buffer.data(), count);
        if (ec) co_return all;
    }
}

} // namespace

TEST_CASE("proxy: megabytes go both ways unharmed, past a dead worker in the list") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, target.address());
        int right = 0;
        co_await echo(stage, pattern(8'000'003), right);
        CHECK(right == 1);
        CHECK(stage.subject->ledger().bytes().up == 8'000'003);
        CHECK(stage.subject->ledger().bytes().down == 8'000'003);
        co_await stage.end();
    });
}

TEST_CASE("proxy: many first connections at once all get through") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, target.address());
        async::TaskGroup clients(context.get_executor());
        int right = 0;
        for (int i = 0; i < 30; ++i) clients.spawn(echo(stage, pattern(1000), right), "client");
        co_await clients.drain();
        CHECK(right == 30);
        CHECK(stage.failures.empty());
        CHECK(stage.authority.connections.size() == 30);
        co_await stage.end();
    });
}

TEST_CASE("proxy: the first handshake of a session goes alone, and who waits for it needs no "
          "second try") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.warm.quiet = 0; // one connection for each client, or somebody was refused
        devserver::WorkerLimits limits;
        limits.controller_latency = 200ms; // two activations at once would meet
        ProxyStage stage(context, target.address(), -1, std::move(options), limits);
        async::TaskGroup clients(context.get_executor());
        int right = 0;
        for (int i = 0; i < 5; ++i) clients.spawn(echo(stage, pattern(1000), right), "client");
        co_await clients.drain();
        CHECK(right == 5);
        CHECK(stage.worker.accepted() == 5);
        co_await stage.end();
    });
}

TEST_CASE("proxy: an end that wants the session canceled is not forgotten over one that began "
          "before it") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, target.address());
        auto client = co_await stage.client(); // which the first one waits for
        co_await send(client, "hello");
        std::string back(5, '\0');
        co_await boost::asio::async_read(client, boost::asio::buffer(back), async::token);
        Proxy::Ending patient;
        patient.drain = true;
        stage.subject->end(std::move(patient));
        co_await async::let_others();
        CHECK(stage.subject->state() != State::ended);
        co_await stage.end(true);
        CHECK(stage.subject->session_canceled());
    });
}

TEST_CASE("proxy: a client that has sent all and waits still gets its whole answer") {
    const std::string answer = pattern(300'000);
    test::LoopbackServer target([&](int fd) {
        (void)test::receive_exactly(fd, 7);
        std::this_thread::sleep_for(300ms); // the answer takes its time: that is the case
        test::send_all(fd, answer);
    });
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, target.address());
        auto socket = co_await stage.client();
        const std::string request = "request";
        co_await send(socket, request);
        socket.shutdown(tcp::socket::shutdown_send);
        const auto got = co_await read_to_end(socket);
        CHECK((got == answer));
        co_await stage.end();
    });
}

TEST_CASE("proxy: a dead target fails that connection, says so, and leaves the proxy listening") {
    const auto dead = "127.0.0.1:" + std::to_string(test::refusing_port());
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, dead);
        auto socket = co_await stage.client();
        const auto got = co_await read_to_end(socket);
        CHECK(got.empty());
        for (int i = 0; i < 500 && stage.failures.empty(); ++i) co_await async::sleep_for(10ms);
        REQUIRE(stage.failures.size() == 1);
        CHECK(stage.failures[0].find("could not connect to the target") != std::string::npos);
        CHECK((stage.subject->state() == State::ready || stage.subject->state() == State::busy));
        co_await stage.end();
    });
}

TEST_CASE("proxy: after the last connection of a session it listens no more, and ends when that "
          "one has") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, target.address(), 1);
        int right = 0;
        co_await echo(stage, "hello", right);
        CHECK(right == 1);
        const bool in_time = co_await async::with_timeout(stage.subject->wait_ended(), 10s);
        CHECK(in_time);
        CHECK(stage.subject->reason() == "No connections left in session");
        co_await stage.worker.stop();
    });
}

TEST_CASE("proxy: the end can take the session with it") {
    test::LoopbackServer target(test::serve_echo);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        ProxyStage stage(context, target.address());
        co_await stage.end(true);
        CHECK(stage.subject->session_canceled());
        CHECK(stage.authority.session_status("s_1234567890") ==
              devserver::SessionStatus::canceling);
    });
}

TEST_CASE("proxy: without a TCP port its Unix socket is the way in, and unused it ends by itself") {
    test::LoopbackServer target(test::serve_echo);
    const test::TempDir folder;
    const bool used = GENERATE(false, true);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.listen_address = "none";
        options.socket_path = folder / "only.sock";
        options.inactive_timeout = 200ms;
        options.inactive_from_start = true;
        ProxyStage stage(context, target.address(), -1, std::move(options));
        CHECK(stage.subject->port() == 0);
        CHECK(stage.subject->address().empty());
        if (used) {
            boost::asio::local::stream_protocol::socket client(context);
            client.connect((folder / "only.sock").string());
            const std::string bytes = "hello";
            co_await boost::asio::async_write(client, boost::asio::buffer(bytes), async::token);
            std::string back(5, '\0');
            co_await boost::asio::async_read(client, boost::asio::buffer(back), async::token);
            CHECK(back == bytes);
        }
        const bool in_time = co_await async::with_timeout(stage.subject->wait_ended(), 10s);
        CHECK(in_time);
        CHECK(stage.subject->reason() == "Inactivity timeout reached");
        CHECK(stage.subject->ledger().total() == (used ? 1 : 0));
        co_await stage.worker.stop();
    });
}
