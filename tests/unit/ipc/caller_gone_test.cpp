// A call that only asks ends with its caller; one that may have changed something does not.

#include "ipc/socket/server.hpp"

#include "async/with_timeout.hpp"
#include "base/unix_socket.hpp"
#include "ipc/socket/interface_text.hpp"
#include "support/any_commands.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <sys/socket.h>
#include <thread>

using namespace ipc;
using namespace agent::test;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

// Each call takes for ever, or until the test lets it go.
class SlowCommands final : public RefusingCommands {
  public:
    using RefusingCommands::handle;
    awaitable<Result<ipc::List::Response>> handle(ipc::List::Request,
                                                  Progress<ipc::List>&) override {
        co_await wait();
        co_return ipc::List::Response();
    }
    awaitable<Result<Read::Response>> handle(Read::Request, Progress<Read>&) override {
        co_await wait();
        co_return Read::Response();
    }
    awaitable<Result<LoginMethod::Response>> handle(LoginMethod::Request,
                                                    Progress<LoginMethod>&) override {
        co_await wait();
        co_return LoginMethod::Response();
    }
    awaitable<Result<Forward::Response>> handle(Forward::Request, Progress<Forward>&) override {
        co_await wait();
        co_return Forward::Response();
    }
    awaitable<Result<CallApi::Response>> handle(CallApi::Request, Progress<CallApi>&) override {
        co_await wait();
        co_return CallApi::Response();
    }
    awaitable<Result<AuthorizeSession::Response>> handle(AuthorizeSession::Request,
                                                         Progress<AuthorizeSession>&) override {
        co_await wait();
        co_return AuthorizeSession::Response();
    }
    std::atomic<int> running = 0, whole = 0;
    std::atomic<bool> let_go = false;

  private:
    awaitable<void> wait() {
        struct Ended {
            std::atomic<int>& running;
            ~Ended() { --running; }
        };
        ++running;
        const Ended ended{running};
        while (!let_go) co_await agent::async::sleep_for(5ms);
        ++whole;
    }
};

struct World {
    World() {
        router.add("org.agentd.Agent", agent_interface, commands);
        server.emplace(context.get_executor(), router, ServerLimits());
        server->start(*agent::listen_unix(path, agent::Present::is_ours));
        thread = std::thread([this] { context.run(); });
    }
    ~World() {
        commands.let_go = true;
        boost::asio::co_spawn(context, server->stop(), [](std::exception_ptr) {});
        thread.join();
    }
    /// Calls, and leaves when the call runs.
    void call_and_leave(const std::string& verb, const std::string& parameters) {
        const auto client = connect_local(path);
        send_all(client.get(), R"({"method":"org.agentd.Agent.)" + verb + R"(","parameters":{)" +
                                   parameters + "}}" + '\0');
        REQUIRE(eventually([&] { return commands.running == 1; }));
    }
    boost::asio::io_context context;
    TempDir folder;
    std::string path = (folder / "s.sock").string();
    SlowCommands commands;
    Router router{"agentd"};
    std::optional<Server> server;
    std::thread thread;
};

} // namespace

TEST_CASE("a call that only asks a controller ends when its caller goes") {
    const auto [verb, parameters] = GENERATE(table<std::string, std::string>({
        {"List", R"("resource":"targets")"},
        {"Read", R"("resource":"targets","id":"ttcp_1")"},
        {"LoginMethod", ""},
        {"Forward", R"("method":"GET","path":"/v1/targets")"},
        {"CallApi", R"("operation":"get","collection":"targets")"},
    }));
    World world;
    world.call_and_leave(verb, parameters);
    CHECK(eventually([&] { return world.commands.running == 0; }, 5s));
    CHECK(world.commands.whole == 0);
}

TEST_CASE("a call that may have changed something runs to its end without its caller") {
    const auto [verb, parameters] = GENERATE(table<std::string, std::string>({
        {"AuthorizeSession", R"("target":"ttcp_1")"},
        {"Forward", R"("method":"POST","path":"/v1/targets")"},
        {"CallApi", R"("operation":"create","collection":"targets")"},
    }));
    World world;
    world.call_and_leave(verb, parameters);
    for (int i = 0; i < 3; ++i) { // by now the server has seen that it has gone
        const auto other = connect_local(world.path);
        send_all(other.get(), std::string(R"({"method":"org.varlink.service.GetInfo"})") + '\0');
        CHECK(receive_exactly(other.get(), 10) == "{\"paramete");
    }
    CHECK(world.commands.running == 1);
    world.commands.let_go = true;
    CHECK(eventually([&] { return world.commands.whole == 1; }));
}

TEST_CASE("a caller that only shuts its sending side gets its answer") {
    World world;
    const auto client = connect_local(world.path);
    send_all(
        client.get(),
        std::string(R"({"method":"org.agentd.Agent.List","parameters":{"resource":"targets"}})") +
            '\0');
    ::shutdown(client.get(), SHUT_WR);
    REQUIRE(eventually([&] { return world.commands.running == 1; }));
    world.commands.let_go = true;
    CHECK(receive_patiently(client.get(), 17, 10s).starts_with("{\"parameters\":{}}"));
}
