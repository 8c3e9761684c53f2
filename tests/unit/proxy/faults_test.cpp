// What a local client gets when the worker fails at each of the points that src/devserver/worker/README.md lists: all
// bytes in order, or a reason that names what happened, and never the end of somebody else's connection.
// Long because it is a table: one case for each fault, all on the stage of fault_stage.hpp.

#include "unit/proxy/fault_stage.hpp"

#include "async/with_timeout.hpp"
#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;
using devserver::WorkerFaults;

namespace {

awaitable<void> ask_and_count(FaultStage& stage, int first, int count, int& right) {
    for (int i = first; i < first + count; ++i) {
        const auto line = "question " + std::to_string(i);
        const auto got = co_await stage.ask(line);
        right += got.complete() && got.bytes == "answer to " + line + "\n";
    }
}

awaitable<void> echo_once(FaultStage& stage, std::string bytes, int& right) {
    auto socket = co_await stage.client();
    async::TaskGroup sender(co_await boost::asio::this_coro::executor);
    sender.spawn(send(socket, bytes), "send");
    const auto back = co_await read_exactly(socket, bytes.size());
    co_await sender.stop();
    right += back == bytes;
}

/// This process's own socket that listens there.
int listening_on(std::uint16_t port) {
    for (int fd = 3; fd < 1024; ++fd) {
        int listens = 0;
        sockaddr_in name{};
        socklen_t size = sizeof listens, name_size = sizeof name;
        if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) continue;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &name_size) != 0) continue;
        if (name.sin_family == AF_INET && ntohs(name.sin_port) == port) return fd;
    }
    return -1;
}

/// connect() without waiting.
UniqueFd start_connecting(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int done = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there);
    REQUIRE((done == 0 || errno == EINPROGRESS));
    return fd;
}

awaitable<void> ask_over(io_context& context, UniqueFd fd, int& right) {
    tcp::socket socket(context, tcp::v4(), fd.release());
    const auto [ec] = co_await socket.async_wait(tcp::socket::wait_write, async::token);
    if (ec) co_return;
    co_await send(socket, "hello\n");
    const auto got = co_await read_to_end(socket);
    right += got.complete() && got.bytes == "answer to hello\n";
}

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

} // namespace

// Before the result

namespace {

awaitable<void> ask_fifty_at_a_time(io_context& context, int each) {
    WorkerFaults faults;
    faults.refuse = 5;
    faults.reset = 2;
    faults.lose_early = true;
    FaultStage stage(context, answer_one(), faults);
    async::TaskGroup clients(context.get_executor());
    int right = 0;
    for (int i = 0; i < 50; ++i) clients.spawn(ask_and_count(stage, i * each, each, right), "client");
    co_await clients.drain();
    CHECK(right == 50 * each);
    CHECK(stage.failures.empty());
    CHECK(stage.worker.accepted() > std::size_t(50 * each)); // some were refused, or this proves nothing
    CHECK(stage.authority.connections.size() == std::size_t(50 * each));
    std::printf("%d of %d answers; the worker saw %zu connections\n", right, 50 * each, stage.worker.accepted());
    co_await stage.end();
}

} // namespace

TEST_CASE(
    "faults: a thousand short connections, fifty at a time, all get their answer from a worker that refuses some") {
    run([](io_context& context) { return ask_fifty_at_a_time(context, 20); });
}

// By hand: proxy_faults_test "[ten-thousand]"
TEST_CASE("faults: ten thousand", "[.][ten-thousand]") {
    run([](io_context& context) { return ask_fifty_at_a_time(context, 200); });
}

TEST_CASE("faults: what followed a handshake that was reset follows the next one too") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.reset = 50;
        FaultStage stage(context, echo(), faults);
        async::TaskGroup clients(context.get_executor());
        int right = 0;
        for (int i = 0; i < 20; ++i) clients.spawn(echo_once(stage, pattern(200'000), right), "client");
        co_await clients.drain();
        CHECK(right == 20);
        CHECK(stage.failures.empty());
        CHECK(stage.worker.accepted() > 20);
        co_await stage.end();
    });
}

TEST_CASE("faults: the client's first bytes follow the handshake in the same flight") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes == "answer to hello\n");
        CHECK(stage.worker.followed_handshakes() == 1);
        co_await stage.end();
    });
}

TEST_CASE("faults: megabytes that follow the handshake before a late result arrive whole") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.delay = 300ms;
        FaultStage stage(context, echo(), faults);
        int right = 0;
        co_await echo_once(stage, pattern(5'000'000), right);
        CHECK(right == 1);
        CHECK(stage.subject->ledger().bytes().up == 5'000'000);
        co_await stage.end();
    });
}

TEST_CASE("faults: nothing is sent behind the GET, and nothing so early behind the 101 that it is lost") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.drop_behind_get = true;
        faults.lose_early = true;
        proxy::ProxyOptions options;
        options.warm.quiet = 0; // each on a connection of its own
        FaultStage stage(context, answer_one(), faults, std::move(options));
        int right = 0;
        co_await ask_and_count(stage, 0, 30, right);
        CHECK(right == 30);
        CHECK(stage.worker.accepted() == 30);
        co_await stage.end();
    });
}

TEST_CASE("faults: a session that cannot be activated at once is activated by the next try") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.cannot_activate = 3;
        FaultStage stage(context, answer_one(), faults);
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes == "answer to hello\n");
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a session's cancel is tried again as well") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        stage.worker.faults().refuse = 70;
        co_await stage.end(true);
        CHECK(stage.subject->session_canceled());
    });
}

TEST_CASE("faults: a worker that only refuses is given up, with its words and the number of tries") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.refuse = 100;
        proxy::ProxyOptions options;
        options.retry.total = 300ms;
        FaultStage stage(context, answer_one(), faults, std::move(options));
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes.empty());
        CHECK(got.end == boost::asio::error::connection_reset);
        REQUIRE(stage.failures.size() == 1);
        CHECK(contains(stage.failures[0], "worker " + stage.worker_address() + " could not read the handshake"));
        CHECK(contains(stage.failures[0], "unexpected rsv bits"));
        CHECK(contains(stage.failures[0], " tries)"));
        co_await stage.end();
    });
}

TEST_CASE("faults: a used-up limit is final for the one who meets it, and says so; who runs goes on") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, echo());
        auto first = co_await stage.client();
        co_await send(first, "a");
        const auto said1 = co_await read_exactly(first, 1);
        CHECK(said1 == "a");
        stage.session().limit = stage.session().used; // used up behind the proxy's back
        auto second = co_await stage.client();
        const auto got = co_await read_to_end(second);
        CHECK(got.bytes.empty());
        REQUIRE(stage.failures.size() == 1);
        CHECK(contains(stage.failures[0], "the session's connections are used up"));
        co_await send(first, "b");
        const auto said2 = co_await read_exactly(first, 1);
        CHECK(said2 == "b");
        co_await stage.end();
    });
}

TEST_CASE("faults: somebody else's TOFU token is final, and says so") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        stage.session().record.status = devserver::SessionStatus::active;
        stage.session().record.tofu_token = Secret("01234567890123456789");
        const auto got = co_await stage.ask("hello");
        CHECK(got.bytes.empty());
        REQUIRE(stage.failures.size() == 1);
        CHECK(contains(stage.failures[0], "already in use by another process"));
        CHECK(stage.worker.accepted() == 1);
        co_await stage.end();
    });
}

TEST_CASE("faults: no file left for the worker's socket: the client waits until there is") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.refuse = 100; // so that a new socket is needed all the time
        FaultStage stage(context, answer_one(), faults);
        auto client = co_await stage.client();
        co_await send(client, "hello\n");
        const bool trying = co_await stage.eventually([&] { return stage.worker.accepted() >= 3; });
        CHECK(trying);
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        rlimit few = before;
        few.rlim_cur = 256;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
        std::vector<UniqueFd> filler;
        for (int i = 0; i < 50; ++i) { // half a second without any
            for (;;) {
                UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
                if (!fd) break;
                filler.push_back(std::move(fd));
            }
            co_await async::sleep_for(10ms);
        }
        CHECK(stage.failures.empty());
        stage.worker.faults().refuse = 0;
        filler.clear();
        ::setrlimit(RLIMIT_NOFILE, &before);
        const auto got = co_await read_to_end(client);
        CHECK(got.bytes == "answer to hello\n");
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

// While bytes pass

TEST_CASE("faults: frames that arrive in two parts, cut at every byte, are put together") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.frames = WorkerFaults::Frames::split;
        FaultStage stage(context, echo(), faults);
        auto socket = co_await stage.client();
        const auto all = pattern(200);
        int right = 0;
        for (int i = 0; i < 210; ++i) { // header and payload: 204 bytes
            co_await send(socket, all);
            const auto back = co_await read_exactly(socket, all.size());
            right += back == all;
        }
        CHECK(right == 210);
        co_await stage.end();
    });
}

TEST_CASE("faults: empty frames between others are nothing") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.frames = WorkerFaults::Frames::empty;
        FaultStage stage(context, greet(pattern(1'000'000)), faults);
        const auto got = co_await stage.ask("hello");
        CHECK(got.complete());
        CHECK((got.bytes == pattern(1'000'000)));
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a frame of the greatest length is delivered as it comes") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.frames = WorkerFaults::Frames::endless;
        FaultStage stage(context, greet_and_echo("hello"), faults);
        auto socket = co_await stage.client();
        const auto said3 = co_await read_exactly(socket, 5);
        CHECK(said3 == "hello");
        for (int i = 0; i < 20; ++i) {
            co_await send(socket, pattern(10'000));
            const auto back = co_await read_exactly(socket, 10'000);
            CHECK((back == pattern(10'000)));
        }
        co_await stage.end();
    });
}

TEST_CASE("faults: a reset in the middle of a frame gives the client what came, then a reset and a reason") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.reset_after = 100'000;
        FaultStage stage(context, greet(pattern(1'000'000)), faults);
        auto socket = co_await stage.client();
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        CHECK(got.bytes.size() > 0);
        CHECK((got.bytes == pattern(1'000'000).substr(0, got.bytes.size())));
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(contains(stage.failures[0], stage.worker_address()));
        co_await stage.end();
    });
}

TEST_CASE("faults: a close while the client sends gives it all that came before, and an end") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.close_after = 100'000;
        FaultStage stage(context, greet_and_echo("welcome"), faults);
        auto socket = co_await stage.client();
        const auto said4 = co_await read_exactly(socket, 7);
        CHECK(said4 == "welcome");
        async::TaskGroup sender(context.get_executor());
        sender.spawn(send(socket, pattern(10'000'000)), "send");
        const auto got = co_await read_to_end(socket);
        CHECK(got.complete());
        CHECK((got.bytes == pattern(10'000'000).substr(0, got.bytes.size())));
        CHECK(stage.failures.empty());
        socket.close();
        co_await sender.stop();
        co_await stage.end();
    });
}

TEST_CASE("faults: an end with neither CLOSE nor close_notify takes nothing of the answer") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.vanish = true;
        FaultStage stage(context, answer_one(), faults);
        int right = 0;
        co_await ask_and_count(stage, 0, 20, right);
        CHECK(right == 20);
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a worker that reads no more still delivers what the target says") {
    run([](io_context& context) -> awaitable<void> {
        WorkerFaults faults;
        faults.deaf_after = 100'000;
        FaultStage stage(context, greet(pattern(3'000'000)), faults);
        auto socket = co_await stage.client();
        async::TaskGroup sender(context.get_executor());
        sender.spawn(send(socket, pattern(50'000'000)), "send");
        const auto got = co_await read_exactly(socket, 3'000'000);
        CHECK((got == pattern(3'000'000)));
        socket.close();
        co_await sender.stop();
        co_await stage.end();
    });
}

// Nobody there

TEST_CASE("faults: a worker that stops answering pings is noticed and named, and the next connection gets through") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 200ms;
        options.keep_alive.answer = 400ms;
        FaultStage stage(context, greet_and_echo("hello"), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto said5 = co_await read_exactly(socket, 5);
        CHECK(said5 == "hello");
        stage.worker.freeze();
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(contains(stage.failures[0], "worker " + stage.worker_address() + " stopped answering"));
        auto next = co_await stage.client();
        const auto said6 = co_await read_exactly(next, 5);
        CHECK(said6 == "hello");
        co_await stage.end();
    });
}

TEST_CASE("faults: when the network has changed a dead worker is noticed long before its silence would tell") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.hurried_answer = 500ms; // silence and answer: 30 s each
        FaultStage stage(context, greet_and_echo("hello"), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto said = co_await read_exactly(socket, 5);
        CHECK(said == "hello");
        co_await send(socket, "still here");
        const auto back = co_await read_exactly(socket, 10);
        CHECK(back == "still here");
        stage.subject->check_connections(); // nothing is wrong with this one: it answers
        co_await async::sleep_for(1s);
        CHECK(stage.failures.empty());

        stage.worker.freeze();
        const auto since = std::chrono::steady_clock::now();
        stage.subject->check_connections();
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        CHECK(std::chrono::steady_clock::now() - since < 25s);
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(contains(stage.failures[0], "worker " + stage.worker_address() + " stopped answering"));
        co_await stage.end();
    });
}

TEST_CASE("faults: a worker whose machine is gone is noticed and named, with bytes on their way to it") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 200ms;
        options.keep_alive.answer = 400ms;
        FaultStage stage(context, echo(), {}, std::move(options));
        auto socket = co_await stage.client();
        co_await send(socket, "hello");
        const auto said7 = co_await read_exactly(socket, 5);
        CHECK(said7 == "hello");
        stage.worker.cut_off();
        co_await send(socket, "is anybody there?");
        const auto got = co_await read_to_end(socket);
        CHECK(got.end == boost::asio::error::connection_reset);
        const bool told = co_await stage.eventually([&] { return stage.failures.size() == 1; });
        REQUIRE(told);
        CHECK(contains(stage.failures[0], "worker " + stage.worker_address() + " stopped answering"));
        co_await stage.end();
    });
}

TEST_CASE("faults: a quiet connection is not given up while its worker answers pings") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 20ms;
        options.keep_alive.answer = 10s;
        FaultStage stage(context, greet_and_echo("hello"), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto said8 = co_await read_exactly(socket, 5);
        CHECK(said8 == "hello");
        co_await async::sleep_for(1s);
        co_await send(socket, "still here");
        const auto said9 = co_await read_exactly(socket, 10);
        CHECK(said9 == "still here");
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a target that reads late loses no connection, however long the silence") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 50ms;
        options.keep_alive.answer = 1s;
        FaultStage stage(context, late_reader(3s), {}, std::move(options));
        const auto line = pattern(20'000'000);
        const auto got = co_await stage.ask(line);
        CHECK((got.bytes == line + "\n"));
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: a client that reads late loses no connection either: the worker's pong waits behind its own bytes") {
    run([](io_context& context) -> awaitable<void> {
        proxy::ProxyOptions options;
        options.keep_alive.silence = 50ms;
        options.keep_alive.answer = 300ms;
        const auto bytes = pattern(20'000'000);
        FaultStage stage(context, greet(bytes), {}, std::move(options));
        auto socket = co_await stage.client();
        const auto first = co_await read_exactly(socket, 1);
        CHECK(first == bytes.substr(0, 1));
        co_await async::sleep_for(2s);
        const auto rest = co_await read_to_end(socket);
        CHECK((rest.bytes == bytes.substr(1)));
        CHECK(rest.complete());
        CHECK(stage.failures.empty());
        co_await stage.end();
    });
}

TEST_CASE("faults: more clients at once than the accept queue holds, while nobody accepts: all are served afterwards") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        const int queue = 8, clients = 24;
        const int listener = listening_on(stage.subject->port());
        REQUIRE(listener >= 0);
        REQUIRE(::listen(listener, queue) == 0); // the proxy's own socket, with a queue that is quickly full
        std::vector<UniqueFd> early;             // one thread runs everything: until it awaits, the proxy stands still
        for (int i = 0; i < clients; ++i) early.push_back(start_connecting(stage.subject->port()));
        pollfd last{early.back().get(), POLLOUT, 0};
        CHECK(::poll(&last, 1, 0) == 0); // it has no place yet

        int right = 0;
        async::TaskGroup asking(context.get_executor());
        for (auto& fd : early) asking.spawn(ask_over(context, std::move(fd), right), "ask");
        const bool all = co_await stage.eventually([&] { return right == clients; });
        CHECK(all);
        CHECK(stage.failures.empty());
        co_await asking.stop();
        co_await stage.end();
    });
}
