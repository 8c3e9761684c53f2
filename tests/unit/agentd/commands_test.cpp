// The handlers behind both faces: what becomes of a call whose caller goes, and of the coroutine
// that made one.

#include "base/unix_socket.hpp"
#include "unit/agent/agent_stage.hpp"

#include "agentd/commands/agent_commands.hpp"
#include "agentd/configuration.hpp"
#include "base/unique_fd.hpp"
#include "ipc/dbus/no_progress.hpp"
#include "ipc/socket/interface_text.hpp"
#include "ipc/socket/server.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/this_coro.hpp>

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

struct Handlers {
    Handlers(boost::asio::any_io_executor executor, AgentStage& stage)
        : configuration(executor, stage.agent),
          commands(stage.agent, configuration, folder / "agent.sock") {}
    TempDir folder;
    agentd::Configuration configuration;
    agentd::AgentCommands commands;
};

} // namespace

TEST_CASE("commands: a Connect whose caller goes away is taken back, not dropped") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto executor = co_await boost::asio::this_coro::executor;
        Handlers handlers(executor, stage);
        ipc::Router router("agentd");
        router.add("org.agentd.Agent", ipc::agent_interface, handlers.commands);
        ipc::Server server(executor, router);
        const std::string path = handlers.folder / "agent.sock";
        auto listening = agent::listen_unix(path, agent::Present::is_ours);
        REQUIRE(listening.has_value());
        server.start(std::move(*listening));

        stage.controller.hold(":authorize-session");
        UniqueFd caller = connect_local(path);
        REQUIRE(caller);
        const std::string call =
            R"({"method":"org.agentd.Agent.Connect","more":true,"parameters":{"target":"ttcp_one",)"
            R"("cluster":{"address":")" +
            stage.controller.address() + R"("}}})";
        REQUIRE(send_all(caller.get(), call + '\0'));
        const auto asking = [&] { return stage.controller.held() == 1; };
        const bool waits = co_await until(asking);
        CHECK(waits);
        caller.reset();
        const auto noticed = [&] { return server.clients() == 0; };
        (void)co_await until(
            noticed,
            200ms); // a call that is brought to its end keeps its client's place until then
        stage.controller.release();

        const auto taken_back = [&] {
            const auto made = stage.controller.sessions();
            return made.size() == 1 && stage.controller.status(made.front()) == "canceling";
        };
        const bool canceled = co_await until(taken_back);
        CHECK(canceled);
        const auto ended = [&] { return server.clients() == 0; };
        const bool over = co_await until(ended);
        CHECK(over);
        CHECK(stage.agent.proxies().all().empty());
        const auto stopped = [&] { return stage.newest()->stopped; };
        const bool no_process = co_await until(stopped);
        CHECK(no_process);
        co_await server.stop();
    };
    tell(story);
}

TEST_CASE("commands: after fresh byte counts their caller can be ended as before") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        kept->status.connections_open = 1;
        kept->tell(core::EventKind::connection_opened);
        const auto open = [&] {
            return stage.agent.proxies().find("pg")->status.connections_open == 1;
        };
        const bool carries = co_await until(open);
        REQUIRE(carries);

        const auto executor = co_await boost::asio::this_coro::executor;
        Handlers handlers(executor, stage);
        handlers.folder.folder("proxies");
        async::TaskGroup group(executor);
        async::Event never(executor);
        bool asked = false, leave = false;
        auto follow = [](Handlers& on, async::Event& event, bool& told,
                         const bool& go) -> awaitable<void> {
            ipc::ListProxies::Request request;
            request.fresh = true;
            ipc::dbus::NoProgress<ipc::ListProxies> none;
            const auto listed = co_await on.commands.handle(std::move(request), none);
            told = listed.has_value();
            while (!go) co_await event.wait();
        };
        group.spawn(follow(handlers, never, asked, leave), "follower");
        const auto answered = [&] { return asked; };
        const bool heard = co_await until(answered);
        CHECK(heard);
        group.cancel();
        const auto gone = [&] { return group.size() == 0; };
        const bool ended = co_await until(gone, 10s);
        CHECK(ended);
        leave = true;
        never.notify_all();
        co_await group.stop();
    };
    tell(story);
}

TEST_CASE("commands: a cluster that is added keeps its address and TLS files, not the limits of "
          "the call") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        Handlers handlers(co_await boost::asio::this_coro::executor, stage);
        ipc::AddCluster::Request request;
        request.name = "work";
        request.cluster.address = "https://boundary.example:9200";
        request.cluster.ca_cert = "/etc/ca.pem";
        request.cluster.timeout_ms = 1;
        request.cluster.max_retries = 9;
        ipc::dbus::NoProgress<ipc::AddCluster> none;
        const auto added = co_await handlers.commands.handle(std::move(request), none);
        REQUIRE(added.has_value());
        const auto cluster = stage.clusters.find("work");
        REQUIRE(cluster.has_value());
        CHECK(cluster->settings.ca_cert == "/etc/ca.pem");
        CHECK(cluster->settings.timeout == controller::ClusterSettings().timeout);
        CHECK(cluster->settings.max_retries == 0);
    };
    tell(story);
}
