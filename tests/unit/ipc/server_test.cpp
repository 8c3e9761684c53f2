// The server against clients with manners and without, over a real socket in a private folder.
// Above 400 lines because each kind of bad manners is a case of its own over one and the same world
// of helpers.

#include "ipc/socket/server.hpp"

#include "async/with_timeout.hpp"
#include "base/unix_socket.hpp"
#include "ipc/messages/proxy_commands.hpp"
#include "ipc/socket/blocking_client.hpp"
#include "ipc/socket/client.hpp"
#include "ipc/socket/interface_text.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <fstream>
#include <future>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>

using namespace ipc;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

// Answers Describe at once, Serve after a while, Stop with as many bytes as its reason says, and
// streams for ever.
class FakeProxy final : public ProxyCommands {
  public:
    boost::asio::awaitable<Result<Serve::Response>> handle(Serve::Request request,
                                                           Progress<Serve>&) override {
        serving = true;
        for (const auto& one : request.descriptors)
            if (::write(one.get(), "beside", 6) == 6) ++written;
        co_await agent::async::sleep_for(request.name == "slow" ? 500ms : 50ms);
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() == boost::asio::cancellation_type::none) served = true;
        Serve::Response response;
        response.proxy.name = request.name;
        co_return response;
    }
    boost::asio::awaitable<Result<Describe::Response>> handle(Describe::Request,
                                                              Progress<Describe>&) override {
        Describe::Response response;
        response.protocol_version = 1;
        co_return response;
    }
    boost::asio::awaitable<Result<Subscribe::Response>>
    handle(Subscribe::Request, Progress<Subscribe>& progress) override {
        if (!progress.wants())
            co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local, "needs more");
        ++streams;
        struct Ended {
            std::atomic<int>& streams;
            ~Ended() { --streams; }
        };
        const Ended ended{streams};
        Subscribe::Response response;
        response.kind = "proxy-started";
        auto first = response;
        auto sent = co_await progress.send(std::move(first));
        while (sent) {
            co_await agent::async::sleep_for(24h);
            auto next = response;
            sent = co_await progress.send(std::move(next));
        }
        co_return response;
    }
    boost::asio::awaitable<Result<Renew::Response>> handle(Renew::Request,
                                                           Progress<Renew>&) override {
        co_return Renew::Response();
    }
    boost::asio::awaitable<Result<Hold::Response>> handle(Hold::Request, Progress<Hold>&) override {
        co_return Hold::Response();
    }
    boost::asio::awaitable<Result<Stop::Response>> handle(Stop::Request request,
                                                          Progress<Stop>&) override {
        if (request.reason == "throw") throw std::runtime_error("thrown on purpose");
        Stop::Response response;
        response.proxy.reason = std::string(std::stoul(request.reason), 'x');
        co_return response;
    }
    boost::asio::awaitable<Result<ShareListeners::Response>>
    handle(ShareListeners::Request, Progress<ShareListeners>&) override {
        ShareListeners::Response response;
        int ends[2];
        if (::pipe(ends) != 0)
            co_return agent::fail_errno(agent::Errc::environment, agent::Hop::local, "pipe", errno);
        response.descriptors.emplace_back(ends[0]);
        const agent::UniqueFd write_end(ends[1]);
        if (::write(write_end.get(), "shared", 6) == 6) co_return response;
        co_return agent::fail(agent::Errc::environment, agent::Hop::local,
                              "a pipe that takes nothing");
    }
    boost::asio::awaitable<Result<Check::Response>> handle(Check::Request,
                                                           Progress<Check>&) override {
        co_return Check::Response();
    }
    std::atomic<int> streams = 0;
    std::atomic<int> written = 0; ///< descriptors that came beside Serve
    std::atomic<bool> serving = false;
    std::atomic<bool> served = false; ///< to the end
};

class RunningServer {
  public:
    explicit RunningServer(ServerLimits limits = {}) {
        char name[] = "/tmp/agent-ipc-XXXXXX";
        folder = ::mkdtemp(name);
        path = folder + "/s.sock";
        router.add("org.agentd.Proxy", proxy_interface, proxy);
        server.emplace(context.get_executor(), router, limits);
        auto listening = agent::listen_unix(path, agent::Present::is_ours);
        REQUIRE(listening.has_value());
        server->start(std::move(*listening));
        thread = std::thread([this] { context.run(); });
    }
    ~RunningServer() {
        boost::asio::co_spawn(context, server->stop(), [](std::exception_ptr) {});
        thread.join();
        ::unlink(path.c_str());
        ::rmdir(folder.c_str());
    }
    bool drain() {
        std::promise<bool> drained;
        boost::asio::co_spawn(context, server->drain(5s),
                              [&](std::exception_ptr, bool all) { drained.set_value(all); });
        return drained.get_future().get();
    }

    boost::asio::io_context context;
    FakeProxy proxy;
    Router router{"agent-proxy"};
    std::optional<Server> server;
    std::string folder;
    std::string path;
    std::thread thread;
};

// A socket to type on. Reads give up after five seconds.
class RawClient {
  public:
    explicit RawClient(const std::string& path) : fd_(agent::test::connect_local(path)) {
        REQUIRE(fd_);
        const timeval limit{5, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    void type(std::string_view text) {
        while (!text.empty()) {
            const auto n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (n <= 0) return; // the server has hung up; the test looks at what it said
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    /// Until nothing is taken for two seconds; how much was.
    std::size_t type_what_is_taken(std::string_view text) {
        std::size_t taken = 0;
        pollfd room{fd_.get(), POLLOUT, 0};
        while (taken < text.size() && ::poll(&room, 1, 2'000) == 1) {
            const auto n = ::send(fd_.get(), text.data() + taken, text.size() - taken,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n <= 0) break;
            taken += static_cast<std::size_t>(n);
        }
        return taken;
    }
    void shut_sending() { ::shutdown(fd_.get(), SHUT_WR); }
    /// One message, or what came before the end.
    std::string read_message() {
        std::string text;
        char c = 0;
        while (::recv(fd_.get(), &c, 1, 0) == 1 && c != '\0') text += c;
        return text;
    }
    bool closed() {
        char c = 0;
        return ::recv(fd_.get(), &c, 1, 0) == 0;
    }

  private:
    agent::UniqueFd fd_;
};

const std::string describe = "{\"method\":\"org.agentd.Proxy.Describe\"}\0"s;

template <class Predicate> bool soon(Predicate predicate) {
    for (const auto deadline = std::chrono::steady_clock::now() + 5s;
         std::chrono::steady_clock::now() < deadline;) {
        if (predicate()) return true;
        ::poll(nullptr, 0, 2);
    }
    return false;
}

} // namespace

TEST_CASE("server: the socket is for its owner only") {
    RunningServer running;
    struct stat status{};
    REQUIRE(::stat(running.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("server: pipelined calls are answered in order, also when the client has shut its "
          "sending side") {
    RunningServer running;
    RawClient client(running.path);
    client.type(
        "{\"method\":\"org.agentd.Proxy.Stop\",\"parameters\":{\"reason\":\"3\",\"cancel_session\":false,\"drain\":false}}\0"s +
        describe + "{\"method\":\"org.varlink.service.GetInfo\"}\0"s);
    client.shut_sending();
    CHECK(client.read_message().find("\"reason\":\"xxx\"") != std::string::npos);
    CHECK(client.read_message().find("\"protocol_version\":1") != std::string::npos);
    CHECK(client.read_message().find(
              "\"interfaces\":[\"org.varlink.service\",\"org.agentd.Proxy\"]") !=
          std::string::npos);
    CHECK(client.closed());
}

TEST_CASE("server: introspection returns the interface file as it is") {
    RunningServer running;
    RawClient client(running.path);
    client.type(
        "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"org.agentd.Proxy\"}}\0"s);
    const auto reply = decode_reply(client.read_message());
    REQUIRE(reply.has_value());
    CHECK(reply->parameters["description"].get<std::string>() == proxy_interface);
}

TEST_CASE("server: wrong calls get the protocol's errors and the connection goes on") {
    RunningServer running;
    RawClient client(running.path);
    auto [text, error] = GENERATE(table<std::string, std::string>({
        {"{\"method\":\"org.agentd.Proxy.Fly\"}\0"s, "org.varlink.service.MethodNotFound"},
        {"{\"method\":\"org.agentd.Proxy.Describe\",\"upgrade\":true}\0"s,
         "org.varlink.service.InvalidParameter"},
        {"{\"method\":\"org.example.Fly\"}\0"s, "org.varlink.service.InterfaceNotFound"},
        {"{\"method\":\"fly\"}\0"s, "org.varlink.service.InterfaceNotFound"},
        {"{\"method\":\"org.agentd.Proxy.Stop\",\"parameters\":{\"reason\":7}}\0"s,
         "org.varlink.service.InvalidParameter"},
        {"{\"method\":\"org.agentd.Proxy.Stop\",\"parameters\":{\"reason\":\"throw\",\"cancel_session\":false,\"drain\":false}}\0"s,
         "org.agentd.Proxy.Internal"},
        {"{\"method\":\"org.agentd.Proxy.Subscribe\"}\0"s, "org.agentd.Proxy.InvalidArgument"},
    }));
    client.type(text);
    CHECK(decode_reply(client.read_message())->error == error);
    client.type(describe);
    CHECK(decode_reply(client.read_message())->error.empty());
}

TEST_CASE(
    "server: what is no message gets an error and then the connection is closed; others go on") {
    RunningServer running;
    RawClient bystander(running.path);
    auto [text, error, message] = GENERATE(table<std::string, std::string, std::string>({
        {"GET / HTTP/1.1\r\n\r\n\0"s, "InvalidArgument", "not JSON at byte 1"},
        {"{\"method\":\"\xff\xfe\"}\0"s, "InvalidArgument", "not JSON at byte 12"},
        {"{\"method\":\"a.b\",\"parameters\":{\"x\":" + std::string(1000, '[') + "}}\0"s,
         "InvalidArgument", "nested deeper than 64 levels"},
        {"[]\0"s, "InvalidArgument", "a message must be a JSON object"},
        {std::string(max_request_bytes + 70000, 'x'), "LimitExceeded",
         "a message is longer than " + std::to_string(max_request_bytes) + " bytes"},
    }));
    RawClient client(running.path);
    client.type(text);
    const auto reply = decode_reply(client.read_message());
    REQUIRE(reply.has_value());
    CHECK(reply->error == "org.agentd.Agent." + error);
    CHECK(reply->parameters["message"] == message);
    bystander.type(describe);
    CHECK(decode_reply(bystander.read_message())->error.empty());
}

TEST_CASE("server: a client that says nothing keeps nobody waiting, and clients beyond the limit "
          "are told so") {
    ServerLimits limits;
    limits.clients = 3;
    RunningServer running(limits);
    RawClient silent(running.path);
    RawClient talker(running.path);
    talker.type(describe);
    CHECK(decode_reply(talker.read_message())->error.empty());
    RawClient third(running.path);
    third.type(describe);
    CHECK(decode_reply(third.read_message())->error.empty());
    RawClient fourth(running.path);
    CHECK(decode_reply(fourth.read_message())->error == "org.agentd.Agent.LimitExceeded");
    CHECK(fourth.closed());
}

TEST_CASE("server: a peer of another user is closed before anything is read") {
    ServerLimits limits;
    limits.allowed_uid = ::geteuid() + 1;
    RunningServer running(limits);
    RawClient client(running.path);
    client.type(describe);
    CHECK(client.read_message().empty());
}

TEST_CASE(
    "server: a client that does not read its reply is dropped, and nobody else waits for it") {
    ServerLimits limits;
    limits.slow_reader = 300ms;
    RunningServer running(limits);
    RawClient slow(running.path);
    slow.type(
        "{\"method\":\"org.agentd.Proxy.Stop\",\"parameters\":{\"reason\":\"20000000\",\"cancel_session\":false,\"drain\":false}}\0"s);
    RawClient other(running.path);
    other.type(describe);
    CHECK(decode_reply(other.read_message())->error.empty());
    CHECK(soon([&] {
        std::promise<std::size_t> clients;
        boost::asio::post(running.context, [&] { clients.set_value(running.server->clients()); });
        return clients.get_future().get() == 1;
    }));
}

TEST_CASE("server: of what a client sends ahead only so much is taken") {
    RunningServer running;
    RawClient client(running.path); // does not read, so the server is busy with the first answer
    client.type(
        "{\"method\":\"org.agentd.Proxy.Stop\",\"parameters\":{\"reason\":\"20000000\",\"cancel_session\":false,\"drain\":false}}\0"s);
    const std::string call = "{\"method\":\"org.agentd.Proxy.Describe\",\"parameters\":{\"x\":\"" +
                             std::string(100'000, 'x') + "\"}}\0"s;
    std::string text;
    for (std::size_t i = 0; i < 8 * max_pipelined_calls; ++i) text += call;
    const std::size_t taken = client.type_what_is_taken(text);
    CHECK(taken <= 2 * max_pipelined_calls * call.size());
}

TEST_CASE("server: a stream ends when its client goes") {
    RunningServer running;
    {
        RawClient client(running.path);
        client.type("{\"method\":\"org.agentd.Proxy.Subscribe\",\"more\":true}\0"s);
        CHECK(decode_reply(client.read_message())->continues);
        CHECK(running.proxy.streams == 1);
    }
    CHECK(soon([&] { return running.proxy.streams == 0; }));
}

TEST_CASE("server: draining lets a running call finish and ends idle clients and streams") {
    RunningServer running;
    RawClient idle(running.path);
    RawClient stream(running.path);
    stream.type("{\"method\":\"org.agentd.Proxy.Subscribe\",\"more\":true}\0"s);
    stream.read_message();
    auto busy = std::async(std::launch::async, [&] {
        auto client = BlockingClient::connect(running.path);
        Serve::Request request;
        request.name = "pg";
        request.cluster_settings = Json::object();
        return client->call<Serve>(request);
    });
    CHECK(soon([&] { return running.proxy.serving.load(); }));
    CHECK(running.drain());
    const auto served = busy.get();
    REQUIRE(served.has_value());
    CHECK(served->proxy.name == "pg");
    CHECK(idle.closed());
}

TEST_CASE("server: draining waits for the rest of a call that a client has begun to send") {
    RunningServer running;
    RawClient client(running.path);
    client.type(describe);
    REQUIRE(decode_reply(client.read_message())->error.empty());
    const std::string_view call(describe);
    client.type(call.substr(0, 20));
    REQUIRE(soon([&] { // it has come
        std::promise<bool> came;
        boost::asio::post(running.context, [&] { came.set_value(true); });
        return came.get_future().get();
    }));
    auto drained = std::async(std::launch::async, [&] { return running.drain(); });
    REQUIRE(soon([&] { // it has begun: nobody is taken any more
        const agent::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        running.path.copy(address.sun_path, sizeof address.sun_path - 1);
        return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0;
    }));
    client.type(call.substr(20));
    const auto reply = client.read_message();
    CHECK(reply.find("protocol_version") != std::string::npos);
    CHECK(drained.get());
}

TEST_CASE("server: a call that was begun is brought to its end, also when its client goes or the "
          "server stops") {
    for (const bool stops : {false, true}) {
        RunningServer running;
        std::promise<void> stopped;
        {
            RawClient client(running.path);
            client.type("{\"method\":\"org.agentd.Proxy.Serve\",\"parameters\":{\"name\":\"slow\","
                        "\"authorization_token\":\"\",\"listen_address\":\"\",\"listen_port\":0,"
                        "\"inactive_timeout_ms\":0,\"cluster\":\"\",\"cluster_settings\":{},"
                        "\"token_name\":\"\","
                        "\"authorized_here\":false}}\0"s);
            REQUIRE(soon([&] { return running.proxy.serving.load(); }));
            const auto done = [&](std::exception_ptr) { stopped.set_value(); };
            if (stops) boost::asio::co_spawn(running.context, running.server->stop(), done);
            if (stops) stopped.get_future().wait();
            if (stops) CHECK(running.proxy.served);
        }
        CHECK(soon([&] { return running.proxy.served.load(); }));
    }
}

TEST_CASE("blocking client: nobody there, a stream, and giving up through a watched descriptor") {
    const auto nobody = BlockingClient::connect("/nonexistent/agent.sock");
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error().code == agent::Errc::agent_unreachable);

    RunningServer running;
    auto client = BlockingClient::connect(running.path);
    REQUIRE(client.has_value());
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const agent::UniqueFd read_end(ends[0]);
    const agent::UniqueFd write_end(ends[1]);
    int replies = 0;
    Watched watched{read_end.get(), [] { return false; }};
    const std::function<void(const Subscribe::Response&)> count =
        [&](const Subscribe::Response& response) {
            CHECK(response.kind == "proxy-started");
            ++replies;
            CHECK(::write(write_end.get(), "x", 1) == 1);
        };
    const auto last = client->call_more<Subscribe>({}, count, watched);
    REQUIRE_FALSE(last.has_value());
    CHECK(last.error().code == agent::Errc::canceled);
    CHECK(replies == 1);
}

TEST_CASE("client: calls and streams on one io_context with the server") {
    RunningServer running;
    std::promise<std::string> outcome;
    auto talk = [](RunningServer& running) -> boost::asio::awaitable<std::string> {
        auto client = Client::connect(running.context.get_executor(), running.path);
        if (!client) co_return client.error().message;
        Describe::Request nothing;
        const auto described = co_await (*client)->call<Describe>(nothing, 5s);
        if (!described) co_return described.error().message;
        Serve::Request request;
        request.name = "pg";
        request.cluster_settings = Json::object();
        const auto late = co_await (*client)->call<Serve>(std::move(request), 1ms);
        if (late) co_return "was in time";
        co_return late.error().message;
    };
    boost::asio::co_spawn(
        running.context, talk(running),
        [&](std::exception_ptr, std::string text) { outcome.set_value(std::move(text)); });
    CHECK(outcome.get_future().get() ==
          running.path + " did not answer org.agentd.Proxy.Serve in time");
}

TEST_CASE("descriptors: they travel beside a call and beside a reply, and a server that wants none "
          "closes them") {
    const std::size_t wanted = GENERATE(0, 1, 4);
    ServerLimits limits;
    limits.descriptors = wanted;
    RunningServer running(limits);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const agent::UniqueFd read_end(ends[0]);
    std::promise<std::string> outcome;
    auto talk = [](RunningServer& running,
                   agent::UniqueFd pipe) -> boost::asio::awaitable<std::string> {
        auto client = Client::connect(running.context.get_executor(), running.path);
        if (!client) co_return client.error().message;
        Serve::Request request;
        request.name = std::string(300'000, 'x'); // more than the socket takes at once
        request.cluster_settings = Json::object();
        request.descriptors.emplace_back(::dup(pipe.get()));
        request.descriptors.push_back(std::move(pipe));
        const auto served = co_await (*client)->call<Serve>(std::move(request), 10s);
        if (!served) co_return served.error().message;
        ShareListeners::Request nothing;
        auto shared = co_await (*client)->call<ShareListeners>(nothing, 10s);
        if (!shared) co_return shared.error().message;
        std::string text(6, ' ');
        if (shared->descriptors.size() != 1) co_return "no descriptor";
        if (::read(shared->descriptors[0].get(), text.data(), text.size()) != 6)
            co_return "nothing to read";
        co_return text;
    };
    boost::asio::co_spawn(
        running.context, talk(running, agent::UniqueFd(ends[1])),
        [&](std::exception_ptr, std::string text) { outcome.set_value(std::move(text)); });
    CHECK(outcome.get_future().get() == "shared");
    CHECK(running.proxy.written == static_cast<int>(std::min<std::size_t>(wanted, 2)));
    std::string all(64, ' ');
    CHECK(::read(read_end.get(), all.data(), all.size()) ==
          6 * running.proxy.written); // and the other end is closed
}
