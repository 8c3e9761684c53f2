// What agentd tells its service manager about the listening sockets of proxies. One process has one
// manager, so this has an executable of its own.

#include "agentd/listener_store.hpp"
#include "agentd/supervisor/notify_socket.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <thread>

using agentd::ServiceManagerStore;
using supervisor::NotifySocket;

namespace {

const NotifySocket& manager() {
    static const agent::test::TempDir folder;
    static const auto socket = [] {
        auto opened = NotifySocket::open(folder / "notify");
        REQUIRE(opened.has_value());
        ::setenv("NOTIFY_SOCKET", opened->path().c_str(), 1);
        ::setenv("FDSTORE", "100", 1);
        return std::move(*opened);
    }();
    return socket;
}

agent::UniqueFd a_socket() {
    return agent::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

agent::net::ListeningSockets two_sockets() {
    agent::net::ListeningSockets sockets;
    sockets.tcp = a_socket();
    sockets.local = a_socket();
    return sockets;
}

/// What was said since the last time, a word each: "+tcp.pg -unix.pg".
std::string heard() {
    std::string words;
    while (const auto message = manager().receive()) {
        words += words.empty() ? "" : " ";
        words += (message->said.store ? "+" : "-") + message->said.name.value_or("?");
    }
    return words;
}

} // namespace

TEST_CASE("listener store: what the manager has is not told again, so it is never taken from it "
          "for a moment") {
    manager();
    ServiceManagerStore store({});
    const auto first = two_sockets();
    store.put("pg", first);
    CHECK(heard() == "-tcp.pg -unix.pg +tcp.pg +unix.pg");
    store.put("pg", first);
    CHECK(heard().empty());
    const auto second = two_sockets(); // another port
    store.put("pg", second);
    CHECK(heard() == "-tcp.pg -unix.pg +tcp.pg +unix.pg");
    store.drop("pg");
    CHECK(heard() == "-tcp.pg -unix.pg");
    store.put("pg", second);
    CHECK(heard() == "-tcp.pg -unix.pg +tcp.pg +unix.pg");
}

TEST_CASE("listener store: what was handed over at the start is with the manager already") {
    manager();
    ServiceManagerStore::Kept kept;
    kept.emplace("pg", two_sockets());
    agent::net::ListeningSockets adopted; // the same two, as its process gives them
    adopted.tcp.reset(::dup(kept.at("pg").tcp.get()));
    adopted.local.reset(::dup(kept.at("pg").local.get()));
    kept.emplace("gone", two_sockets());
    ServiceManagerStore store(std::move(kept));
    store.put("pg", adopted);
    CHECK(store.take("pg"));
    CHECK_FALSE(store.take("pg"));
    CHECK(heard().empty());
    store.drop_rest();
    CHECK(heard() == "-tcp.gone -unix.gone");
}

TEST_CASE("listener store: a manager that is slow to read misses nothing") {
    manager();
    std::atomic<bool> done = false;
    std::thread writer([&] {
        ServiceManagerStore store({});
        for (int i = 0; i < 100; ++i) store.put("proxy-" + std::to_string(i), two_sockets());
        done = true;
    });
    int stored = 0;
    const auto take = [&] {
        while (const auto message = manager().receive())
            stored += message->said.store && message->descriptors.size() == 1;
    };
    while (!done) take();
    writer.join();
    take();
    CHECK(stored == 200);
}
