// How the server stops: who has asked is answered, who asks too late can tell, and nobody is closed
// in between. Server and test share one thread, so that each moment of a stop can be chosen.

#include "ipc/messages/agent_commands.hpp"
#include "ipc/socket/interface_text.hpp"
#include "ipc/socket/server.hpp"
#include "support/any_commands.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

#include "async/event.hpp"
#include "async/with_timeout.hpp"
#include "base/unix_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

using namespace ipc;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

/// ListProxies answers at once, Connect when it is released, Watch for ever.
class Commands final : public agent::test::RefusingCommands {
  public:
    explicit Commands(boost::asio::any_io_executor executor) : released_(executor) {}
    using agent::test::RefusingCommands::handle;
    boost::asio::awaitable<Result<ListProxies::Response>> handle(ListProxies::Request,
                                                                 Progress<ListProxies>&) override {
        co_return ListProxies::Response();
    }
    boost::asio::awaitable<Result<Connect::Response>> handle(Connect::Request,
                                                             Progress<Connect>& progress) override {
        Connect::Response step;
        step.progress = "authorizing";
        if (progress.wants()) (void)co_await progress.send(std::move(step));
        ++connecting;
        while (!done_) co_await released_.wait();
        co_return Connect::Response();
    }
    boost::asio::awaitable<Result<Watch::Response>> handle(Watch::Request,
                                                           Progress<Watch>& progress) override {
        Watch::Response first;
        (void)co_await progress.send(std::move(first));
        for (;;) co_await agent::async::sleep_for(24h);
    }
    void release() {
        done_ = true;
        released_.notify_all();
    }
    int connecting = 0;

  private:
    bool done_ = false;
    agent::async::Event released_;
};

struct StopServer {
    explicit StopServer(boost::asio::io_context& context, agent::UniqueFd listening,
                        ServerLimits limits = {})
        : commands(context.get_executor()) {
        router.add("org.agentd.Agent", agent_interface, commands);
        server.emplace(context.get_executor(), router, limits);
        server->start(std::move(listening));
    }
    Commands commands;
    Router router{"agentd"};
    std::optional<Server> server;
};

struct StopWorld {
    agent::UniqueFd listen() const {
        auto listening = agent::listen_unix(path, agent::Present::is_ours);
        REQUIRE(listening.has_value());
        return std::move(*listening);
    }
    template <class Predicate> void run_until(Predicate predicate) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!predicate()) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            context.restart();
            context.run_one_for(50ms);
        }
    }
    /// Begins a drain; the result once it is over.
    std::shared_ptr<std::optional<bool>> drain(Server& server) {
        auto drained = std::make_shared<std::optional<bool>>();
        boost::asio::co_spawn(context, server.drain(20s),
                              [drained](std::exception_ptr, bool all) { *drained = all; });
        return drained;
    }
    /// Stops it for good.
    void stop(Server& server) {
        bool stopped = false;
        boost::asio::co_spawn(context, server.stop(), [&](std::exception_ptr) { stopped = true; });
        run_until([&] { return stopped; });
    }

    boost::asio::io_context context;
    agent::test::TempDir dir;
    std::string path = dir / "s.sock";
};

/// A socket to type on, of which only what is there is read.
class StopClient {
  public:
    explicit StopClient(const std::string& path) : fd_(agent::test::connect_local(path)) {
        REQUIRE(fd_);
    }
    /// 0, or the errno.
    int type(std::string_view text) {
        return ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) == ssize_t(text.size())
                   ? 0
                   : errno;
    }
    /// Reads what has come; true: then the end.
    bool ended() {
        char bytes[4096];
        ssize_t n = 0;
        while ((n = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
            text.append(bytes, static_cast<std::size_t>(n));
        return n == 0 || errno == ECONNRESET;
    }
    /// Complete replies among it.
    std::ptrdiff_t replies() {
        (void)ended();
        return std::ranges::count(text, '\0');
    }
    std::string text;

  private:
    agent::UniqueFd fd_;
};

const std::string list = "{\"method\":\"org.agentd.Agent.ListProxies\"}\0"s;
const std::string connect_more = "{\"method\":\"org.agentd.Agent.Connect\",\"more\":true}\0"s;

} // namespace

TEST_CASE("stop: at whatever moment the server stops, a client that has asked is answered") {
    const int steps =
        GENERATE(range(0, 14)); // handlers that run before it; what comes first is chosen by them
    StopWorld world;
    StopServer running(world.context, world.listen());
    StopClient client(world.path);
    REQUIRE(client.type(list) == 0);
    for (int i = 0; i < steps; ++i) {
        world.context.restart();
        world.context.poll_one();
    }
    running.server->accept_waiting();
    const auto drained = world.drain(*running.server);
    world.run_until([&] { return drained->has_value(); });
    CHECK(**drained);
    CHECK(client.ended());
    CHECK(client.text == "{\"parameters\":{\"proxies\":[]}}\0"s);
    world.stop(*running.server);
}

TEST_CASE("stop: or it waits in the queue for whoever goes on with the socket") {
    const int steps = GENERATE(range(0, 14));
    StopWorld world;
    auto listening = world.listen();
    agent::UniqueFd manager(::fcntl(listening.get(), F_DUPFD_CLOEXEC, 0));
    StopServer first(world.context, std::move(listening));
    StopClient client(world.path);
    REQUIRE(client.type(list) == 0);
    for (int i = 0; i < steps; ++i) {
        world.context.restart();
        world.context.poll_one();
    }
    first.server->stop_accepting();
    const auto drained = world.drain(*first.server);
    world.run_until([&] { return drained->has_value(); });
    CHECK(**drained);
    CHECK(client.ended() == (client.replies() == 1)); // by the first, or not at all yet
    world.stop(*first.server);

    StopServer second(world.context, std::move(manager));
    world.run_until([&] { return client.replies() == 1; });
    CHECK(client.text == "{\"parameters\":{\"proxies\":[]}}\0"s);
    world.stop(*second.server);
}

TEST_CASE("stop: who has just connected may still ask, and is answered") {
    StopWorld world;
    ServerLimits limits;
    limits.first_call = 20s;
    StopServer running(world.context, world.listen(), limits);
    StopClient client(world.path);
    world.run_until([&] { return running.server->clients() == 1; });
    const auto drained = world.drain(*running.server);
    world.context.poll();
    CHECK_FALSE(client.ended());
    REQUIRE(client.type(list.substr(0, 10)) == 0);
    world.context.poll();
    CHECK_FALSE(client.ended());
    REQUIRE(client.type(list.substr(10)) == 0);
    world.run_until([&] { return drained->has_value(); });
    CHECK(client.ended());
    CHECK(client.replies() == 1);
    world.stop(*running.server);
}

TEST_CASE("stop: who has been answered is closed at once, and what it sends then fails instead of "
          "being lost") {
    StopWorld world;
    ServerLimits limits;
    limits.first_call = 20s;
    StopServer running(world.context, world.listen(), limits);
    StopClient client(world.path);
    REQUIRE(client.type(list) == 0);
    world.run_until([&] { return client.replies() == 1; });
    const auto drained = world.drain(*running.server);
    world.run_until([&] { return drained->has_value(); });
    CHECK(client.ended());
    CHECK(client.type(list) == EPIPE);
    world.stop(*running.server);
}

TEST_CASE("stop: who says nothing holds it up no longer than the limit") {
    StopWorld world;
    ServerLimits limits;
    limits.first_call = 20ms;
    StopServer running(world.context, world.listen(), limits);
    StopClient client(world.path);
    world.run_until([&] { return running.server->clients() == 1; });
    const auto drained = world.drain(*running.server);
    world.run_until([&] { return drained->has_value(); });
    CHECK(**drained);
    CHECK(client.ended());
    CHECK(client.text.empty());
    CHECK(client.type(list) == EPIPE);
    world.stop(*running.server);
}

TEST_CASE("stop: a call that tells its progress is answered to its end with those sent after it; "
          "an endless stream ends") {
    StopWorld world;
    StopServer running(world.context, world.listen());
    StopClient watcher(world.path);
    REQUIRE(watcher.type("{\"method\":\"org.agentd.Agent.Watch\",\"more\":true}\0"s) == 0);
    StopClient client(world.path);
    REQUIRE(client.type(connect_more) == 0);
    world.run_until([&] { return watcher.replies() == 1 && client.replies() == 1; });
    REQUIRE(client.type(list) == 0);
    const auto drained = world.drain(*running.server);
    world.run_until([&] { return watcher.ended(); });
    CHECK(client.type(list) == EPIPE); // the one before was in time
    CHECK_FALSE(drained->has_value());
    running.commands.release();
    world.run_until([&] { return drained->has_value(); });
    CHECK(**drained);
    CHECK(client.ended());
    CHECK(client.replies() == 3);
    CHECK(client.text.ends_with("\0{\"parameters\":{\"proxies\":[]}}\0"s));
    world.stop(*running.server);
}
