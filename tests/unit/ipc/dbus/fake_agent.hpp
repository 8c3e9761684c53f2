#pragma once
// FakeAgent: an agent with as many proxies as a test wants, that can say what it was asked.
// BusPair: Agent1 at one end of a socket pair on a thread of its own, and a plain blocking sd-bus
// client at the other; no bus daemon.

#include "async/event.hpp"
#include "async/with_timeout.hpp"
#include "ipc/dbus/agent1.hpp"
#include "support/any_commands.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <deque>
#include <future>
#include <mutex>
#include <sys/socket.h>
#include <thread>

namespace agent::test {

class FakeAgent final : public RefusingCommands {
  public:
    template <class Verb>
    using Answer = boost::asio::awaitable<agent::Result<typename Verb::Response>>;
    template <class Verb> using Progress = ipc::Progress<Verb>;
    using RefusingCommands::handle;

    explicit FakeAgent(boost::asio::any_io_executor executor) : happened_(executor) {}

    Answer<ipc::ListProxies> handle(ipc::ListProxies::Request,
                                    Progress<ipc::ListProxies>&) override {
        ipc::ListProxies::Response response;
        response.proxies = proxies;
        co_return response;
    }
    Answer<ipc::ListClusters> handle(ipc::ListClusters::Request,
                                     Progress<ipc::ListClusters>&) override {
        ipc::ListClusters::Response response;
        response.clusters = clusters;
        co_return response;
    }
    Answer<ipc::Watch> handle(ipc::Watch::Request, Progress<ipc::Watch>& progress) override {
        for (;;) {
            while (events.empty()) co_await happened_.wait();
            ipc::Watch::Response response;
            response.event = std::move(events.front());
            events.pop_front();
            const auto sent = co_await progress.send(std::move(response));
            if (!sent) co_return sent.error();
        }
    }
    Answer<ipc::Connect> handle(ipc::Connect::Request request, Progress<ipc::Connect>&) override {
        connect_request = request;
        while (hold_connects) co_await agent::async::sleep_for(std::chrono::milliseconds(10));
        ipc::Proxy proxy;
        proxy.name = request.name.value_or("made");
        proxy.state = "ready";
        proxies.push_back(proxy);
        ipc::Connect::Response response;
        response.proxy = proxy;
        response.credentials.emplace().push_back(ipc::Json{{"password", "brokered-secret"}});
        co_return response;
    }
    Answer<ipc::Disconnect> handle(ipc::Disconnect::Request request,
                                   Progress<ipc::Disconnect>&) override {
        if (request.name == "throw") throw std::runtime_error("thrown on purpose");
        if (request.name == "refused") {
            auto error = agent::fail(agent::Errc::controller_error, agent::Hop::controller,
                                     "Error in provided request.", "look again");
            error.status = 400;
            error.body = R"({"details":{"request_fields":[{"name":"a","description":"Too short."},)"
                         R"({"name":"b","description":"Bad."}]}})";
            co_return error;
        }
        co_return agent::fail(agent::Errc::proxy_not_found, agent::Hop::local,
                              "there is no proxy " + request.name, "look again");
    }
    Answer<ipc::AuthorizeSession> handle(ipc::AuthorizeSession::Request,
                                         Progress<ipc::AuthorizeSession>&) override {
        ipc::AuthorizeSession::Response response;
        response.item = ipc::Json{
            {"session_id", "s_1"},
            {"authorization_token", "token-secret"},
            {"credentials", ipc::Json::array({ipc::Json{{"secret", "brokered-secret"}}})}};
        co_return response;
    }
    Answer<ipc::List> handle(ipc::List::Request request, Progress<ipc::List>&) override {
        ipc::List::Response response;
        response.items.emplace();
        for (int i = 0; i < items; ++i)
            response.items->push_back(ipc::Json{{"id", request.resource + std::to_string(i)},
                                                {"filler", std::string(item_bytes, 'x')}});
        co_await agent::async::sleep_for(
            std::chrono::milliseconds(1)); // so that the answer is a late one
        co_return response;
    }
    Answer<ipc::Authenticate> handle(ipc::Authenticate::Request request,
                                     Progress<ipc::Authenticate>&) override {
        password = std::string(request.password.reveal());
        if (password != "right")
            co_return agent::fail(agent::Errc::controller_error, agent::Hop::controller,
                                  "401 Unauthorized", "check the password");
        ipc::Authenticate::Response response;
        response.stored = request.store;
        response.item = ipc::Json{{"attributes", {{"user_id", "u_1"}}}};
        co_return response;
    }

    Answer<ipc::Logout> handle(ipc::Logout::Request request, Progress<ipc::Logout>&) override {
        asked = "Logout " + request.cluster.value_or(ipc::Cluster()).name.value_or("-");
        ipc::Logout::Response response;
        response.found = request.cluster.has_value();
        clusters.clear();
        co_return response;
    }
    Answer<ipc::Reconnect> handle(ipc::Reconnect::Request request,
                                  Progress<ipc::Reconnect>&) override {
        asked = "Reconnect " + request.name;
        co_return ipc::Reconnect::Response();
    }

    /// On the agent's thread.
    void happen(ipc::Event event) {
        events.push_back(std::move(event));
        happened_.notify_all();
    }

    std::vector<ipc::Proxy> proxies;
    std::vector<ipc::KnownCluster> clusters;
    std::deque<ipc::Event> events;
    std::atomic<bool> hold_connects = false;
    ipc::Connect::Request connect_request;
    std::string password;
    std::string asked; ///< which of the verbs that are on the bus as they are, about what
    int items = 2;
    std::size_t item_bytes = 1;

  private:
    agent::async::Event happened_;
};

class BusPair {
  public:
    BusPair() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
        sd_bus* bus = nullptr;
        sd_id128_t id{};
        id.bytes[0] = 1;
        REQUIRE(::sd_bus_new(&bus) >= 0);
        server.reset(bus);
        REQUIRE(::sd_bus_set_fd(bus, ends[0], ends[0]) >= 0);
        REQUIRE(::sd_bus_set_server(bus, 1, id) >= 0);
        REQUIRE(::sd_bus_start(bus) >= 0);
        loop.emplace(context.get_executor(), bus);
        REQUIRE(::sd_bus_new(&bus) >= 0);
        client.reset(bus);
        REQUIRE(::sd_bus_set_fd(bus, ends[1], ends[1]) >= 0);
        REQUIRE(::sd_bus_start(bus) >= 0);
        boost::asio::co_spawn(context, serve(), [this](std::exception_ptr) { ended.set_value(); });
        thread = std::thread([this] { context.run(); });
    }
    ~BusPair() {
        client.reset(); // the loop ends when its peer does
        ended.get_future().wait();
        thread.join();
    }

    boost::asio::awaitable<void> serve() {
        face.start();
        co_await face.attach(server.get(), *loop);
        co_await loop->run();
        face.detach();
        co_await face.stop();
    }
    /// Runs on the agent's thread, and waits for it.
    template <class Work> void on_agent(Work work) {
        std::promise<void> done;
        boost::asio::post(context, [&] {
            work(agent_commands);
            done.set_value();
        });
        done.get_future().wait();
    }

    boost::asio::io_context context;
    FakeAgent agent_commands{context.get_executor()};
    ipc::dbus::Agent1 face{context.get_executor(), agent_commands};
    ipc::dbus::BusPtr server;
    ipc::dbus::BusPtr client;
    std::optional<ipc::dbus::BusLoop> loop;
    std::promise<void> ended;
    std::thread thread;
};

/// What a call came to.
struct Answer {
    ipc::dbus::MessagePtr reply;
    std::string error; ///< its name
    std::string text;
};

inline Answer send_call(sd_bus* bus, sd_bus_message* call) {
    Answer answer;
    sd_bus_error error{};
    sd_bus_message* reply = nullptr;
    constexpr std::uint64_t limit = 60'000'000; // µs
    if (::sd_bus_call(bus, call, limit, &error, &reply) < 0) {
        answer.error = error.name == nullptr ? "?" : error.name;
        answer.text = error.message == nullptr ? "" : error.message;
    }
    answer.reply.reset(reply);
    ::sd_bus_error_free(&error);
    return answer;
}

inline ipc::dbus::MessagePtr new_call(sd_bus* bus, const char* member,
                                      const char* path = ipc::dbus::root_path,
                                      const char* interface = ipc::dbus::root_interface) {
    sd_bus_message* call = nullptr;
    REQUIRE(::sd_bus_message_new_method_call(bus, &call, nullptr, path, interface, member) >= 0);
    return ipc::dbus::MessagePtr(call);
}

/// `types` and `values` as sd_bus_message_append takes them.
template <class... Values>
Answer call(sd_bus* bus, const char* member, const char* types = "", Values... values) {
    auto message = new_call(bus, member);
    if (*types != '\0') REQUIRE(::sd_bus_message_append(message.get(), types, values...) >= 0);
    return send_call(bus, message.get());
}

} // namespace agent::test
