// What a local client gets when it is this machine that lacks something: files, or room in the
// accept queue.

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

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::io_context;
using devserver::WorkerFaults;

namespace {

/// This process's own socket that listens there.
int listening_on(std::uint16_t port) {
    for (int fd = 3; fd < 1024; ++fd) {
        int listens = 0;
        sockaddr_in name{};
        socklen_t size = sizeof listens, name_size = sizeof name;
        if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
            continue;
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

} // namespace

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

TEST_CASE("faults: more clients at once than the accept queue holds, while nobody accepts: all are "
          "served afterwards") {
    run([](io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        const int queue = 8, clients = 24;
        const int listener = listening_on(stage.subject->port());
        REQUIRE(listener >= 0);
        REQUIRE(::listen(listener, queue) ==
                0); // the proxy's own socket, with a queue that is quickly full
        std::vector<UniqueFd>
            early; // one thread runs everything: until it awaits, the proxy stands still
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
