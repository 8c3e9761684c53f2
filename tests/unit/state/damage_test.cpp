// StateStore where its file cannot be used: the agent goes on, and says so.

#include "state/database.hpp"
#include "state/schema.hpp"
#include "state/state_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>

using namespace agent::state;
using agent::test::TempDir;

namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

ProxyRecord named(std::string name) {
    ProxyRecord proxy;
    proxy.name = std::move(name);
    return proxy;
}

void check_works_in_memory(StateStore& store) {
    CHECK_FALSE(store.problem().empty());
    CHECK_FALSE(store.durable());
    CHECK(store.put_proxy(named("pg")));
    CHECK(store.proxies().value().size() == 1);
}

} // namespace

TEST_CASE("state: a file that is no database is left as it is, and the store works in memory") {
    TempDir folder;
    const std::string path = folder / "state.db";
    const std::string garbage(8192, 'x');
    write_bytes(path, garbage);
    StateStore store(path);
    check_works_in_memory(store);
    CHECK(store.problem().find(path) != std::string::npos);
    CHECK(bytes_of(path) == garbage);
}

TEST_CASE("state: a database with damaged pages is noticed when it is opened") {
    TempDir folder;
    const std::string path = folder / "state.db";
    {
        StateStore store(path);
        for (int i = 0; i < 200; ++i) REQUIRE(store.put_proxy(named("proxy-" + std::to_string(i))));
    }
    auto bytes = bytes_of(path);
    REQUIRE(bytes.size() > 3 * 4096);
    for (std::size_t at = 4096; at < bytes.size(); ++at) bytes[at] = '\x5a';
    write_bytes(path, bytes);
    StateStore store(path);
    check_works_in_memory(store);
}

TEST_CASE("state: a file of a newer agentd is not touched") {
    TempDir folder;
    const std::string path = folder / "state.db";
    {
        StateStore made(path);
        Database raw(path, pragmas);
        raw.script("PRAGMA user_version=99");
    }
    StateStore store(path);
    check_works_in_memory(store);
    CHECK(store.problem().find("newer") != std::string::npos);
    CHECK(Database(path, pragmas).number("PRAGMA user_version") == 99);
}

TEST_CASE("state: a folder that cannot be written to is no reason to stop") {
    StateStore store("/proc/agentd/state.db");
    check_works_in_memory(store);
}

TEST_CASE("state: on a full disk a change fails with the file's name, and what was there stays "
          "readable") {
    TempDir folder;
    const std::string path = folder / "state.db";
    StateStore store(path);
    REQUIRE(store.put_proxy(named("before")));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{bytes_of(path + "-wal").size() + 8192, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    agent::Status last;
    for (int i = 0; i < 100 && last; ++i)
        last = store.put_proxy(named("more-" + std::to_string(i)));
    ::setrlimit(RLIMIT_FSIZE, &before);
    REQUIRE_FALSE(last);
    CHECK(last.error().message.find(path) != std::string::npos);
    CHECK(store.proxies().value().front().name == "before");
    CHECK(store.put_proxy(named("after")));
}
