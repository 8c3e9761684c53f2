// What BlockingClient knows about a call that got no answer.

#include "ipc/messages/list_proxies.hpp"
#include "ipc/messages/watch.hpp"
#include "ipc/messages/why.hpp"
#include "ipc/socket/blocking_client.hpp"
#include "support/catch.hpp"
#include "support/fickle_server.hpp"
#include "support/temp_dir.hpp"

#include <future>
#include <thread>

using namespace ipc;
using agent::test::Ending;
using agent::test::FickleServer;

namespace {

const std::string no_proxies = R"({"parameters":{"proxies":[]}})";

} // namespace

TEST_CASE("lost: a connection that ended before an answer says whether the call was read") {
    const auto [ending, lost] = GENERATE(table<Ending, Lost>({{Ending::unread, Lost::unread},
                                                              {Ending::read, Lost::unanswered},
                                                              {Ending::begun, Lost::no},
                                                              {Ending::answered, Lost::no}}));
    const agent::test::TempDir dir;
    const std::string path = dir / "s.sock";
    const FickleServer server(path, {ending}, no_proxies);
    auto client = BlockingClient::connect(path);
    REQUIRE(client.has_value());
    const auto answer = client->call<ListProxies>({});
    CHECK(client->lost() == lost);
    CHECK(answer.has_value() == (ending == Ending::answered));
    if (!answer) CHECK(answer.error().code == agent::Errc::agent_unreachable);
}

TEST_CASE("lost: a server that takes nothing more has not read what is sent after that") {
    const agent::test::TempDir dir;
    const std::string path = dir / "s.sock";
    const FickleServer server(path, {Ending::deaf}, no_proxies);
    auto client = BlockingClient::connect(path);
    REQUIRE(client.has_value());
    while (server.connections() == 0) std::this_thread::yield();
    // More than a socket holds: some of it comes after the end of reading, whoever is faster.
    const auto answer = client->call<Why>({std::string(2'000'000, 'x')});
    CHECK_FALSE(answer.has_value());
    CHECK(client->lost() == Lost::unread);
}

TEST_CASE("lost: one that waits in the queue of a socket that ends was not read") {
    const agent::test::TempDir dir;
    const std::string path = dir / "s.sock";
    auto listener = agent::test::listen_anew(path);
    auto client = BlockingClient::connect(path);
    REQUIRE(client.has_value());
    auto answer = std::async(std::launch::async, [&] { return client->call<ListProxies>({}); });
    listener.reset();
    CHECK_FALSE(answer.get().has_value());
    CHECK(client->lost() == Lost::unread);
}

TEST_CASE("lost: a stream that ends in its middle was answered so far") {
    const agent::test::TempDir dir;
    const std::string path = dir / "s.sock";
    const std::string event =
        R"({"continues":true,"parameters":{"event":{"time":"2026-01-02T03:04:05Z","kind":"x","message":"y"}}})";
    const FickleServer server(path, {Ending::answered}, event);
    auto client = BlockingClient::connect(path);
    REQUIRE(client.has_value());
    int replies = 0;
    const std::function<void(const Watch::Response&)> count = [&](const Watch::Response&) {
        ++replies;
    };
    CHECK_FALSE(client->call_more<Watch>({}, count).has_value());
    CHECK(replies == 1);
    CHECK(client->lost() == Lost::no);
}
