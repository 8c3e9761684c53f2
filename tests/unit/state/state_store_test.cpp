// StateStore: what is put in is there for the next process, and what older ones wrote as well.

#include "state/database.hpp"
#include "state/schema.hpp"
#include "state/state_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

using namespace agent::state;
using agent::test::TempDir;

namespace {

ProxyRecord a_proxy(std::string name) {
    ProxyRecord proxy;
    proxy.name = std::move(name);
    proxy.cluster = "https://boundary.example.com";
    proxy.cluster_settings = R"({"address":"https://boundary.example.com"})";
    proxy.target = "ttcp_1234567890";
    proxy.host_id = "hst_1234567890";
    proxy.port = 15432;
    proxy.eager = true;
    proxy.after_cancel = agent::model::AfterCancel::reauthorize;
    proxy.created = "2026-11-24T00:29:57Z";
    return proxy;
}

SessionRecord a_session(std::string id) {
    SessionRecord session;
    session.id = std::move(id);
    session.proxy = "pg";
    session.cluster = "https://boundary.example.com";
    session.target_id = "ttcp_1234567890";
    session.expiration = "2026-11-24T08:29:57Z";
    session.created = "2026-11-24T00:29:57Z";
    return session;
}

} // namespace

TEST_CASE(
    "state: what one process put in, the next one finds, in a file that only its owner can open") {
    TempDir folder;
    const std::string path = folder / "state.db";
    {
        StateStore store(path);
        REQUIRE(store.problem().empty());
        REQUIRE(store.put_proxy(a_proxy("pg")));
        REQUIRE(store.set_port("pg", 15433));
        REQUIRE(store.put_session(a_session("asked:1")));
        REQUIRE(store.session_answered("asked:1", a_session("s_1")));
        REQUIRE(store.add_counters("pg", {0, 2, 3, 4, 5}, "boot 7", {0, 2, 3, 4, 5}));
        REQUIRE(store.add_counters("pg", {0, 2, 3, 4, 5}, "boot 7", {0, 4, 6, 8, 10}));
        REQUIRE(store.add_session("pg"));
        REQUIRE(store.add_event({"2026-11-24T00:29:57Z", "proxy-started", "pg", "listening"}));
    }
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    StateStore store(path);
    auto proxy = a_proxy("pg");
    proxy.port = 15433;
    CHECK(store.proxies().value() == std::vector{proxy});
    CHECK(store.sessions().value() == std::vector{a_session("s_1")});
    CHECK(store.counters("pg").value() == Counters{1, 4, 6, 8, 10});
    CHECK(store.counters("unknown").value() == Counters{});
    CHECK(store.counted("pg", "boot 7").value() == Counters{0, 4, 6, 8, 10});
    CHECK(store.counted("pg", "boot 8").value() == Counters{});
    CHECK(store.events("pg", 10).value().size() == 1);
    CHECK(store.events("other", 10).value().empty());
    CHECK(store.forget_proxy("pg").value());
    CHECK_FALSE(store.forget_proxy("pg").value());
    CHECK(store.counters("pg").value() == Counters{});
    CHECK(store.counted("pg", "boot 7").value() == Counters{});
}

TEST_CASE("state: how a proxy treats its worker connections is remembered with it") {
    TempDir folder;
    StateStore store(folder / "state.db");
    auto quiet = a_proxy("quiet");
    quiet.warm = false;
    quiet.keep_alive = std::chrono::milliseconds(0);
    quiet.inactive_timeout = std::chrono::minutes(1);
    quiet.inactive_from_start = true;
    REQUIRE(store.put_proxy(a_proxy("pg")));
    REQUIRE(store.put_proxy(quiet));
    CHECK(store.proxies().value() == std::vector{a_proxy("pg"), quiet});
}

TEST_CASE("state: the history is bounded and keeps the newest") {
    TempDir folder;
    StateStore store(folder / "state.db");
    for (int i = 0; i < 1010; ++i)
        REQUIRE(store.add_event({"now", "kind", "pg", std::to_string(i)}));
    const auto all = store.events("", 5000).value();
    REQUIRE(all.size() == 1000);
    CHECK(all.front().message == "10");
    CHECK(all.back().message == "1009");
    CHECK(store.events("", 2).value().front().message == "1008");
}

TEST_CASE("state: only what says so is not synced, and the next change is again") {
    TempDir folder;
    Database database((folder / "some.db").string(), pragmas);
    constexpr int normal = 1, full = 2; // PRAGMA synchronous
    CHECK(database.number("PRAGMA synchronous") == full);
    {
        const Unsynced unsynced(database);
        CHECK(database.number("PRAGMA synchronous") == normal);
        Transaction left(database);
        database.script("CREATE TABLE t (a)"); // rolled back first, then synced again
    }
    CHECK(database.number("PRAGMA synchronous") == full);
    CHECK(database.number("SELECT COUNT(*) FROM sqlite_schema") == 0);
}

TEST_CASE("state: one cluster is current") {
    TempDir folder;
    StateStore store(folder / "state.db");
    REQUIRE(store.put_cluster({"home", "{}", true}));
    REQUIRE(store.put_cluster({"work", "{}", true}));
    CHECK(store.clusters().value() ==
          std::vector<ClusterRecord>{{"home", "{}", false}, {"work", "{}", true}});
    REQUIRE(store.set_current_cluster("home"));
    CHECK(store.clusters().value() ==
          std::vector<ClusterRecord>{{"home", "{}", true}, {"work", "{}", false}});
    CHECK(store.forget_cluster("home").value());
    CHECK(store.clusters().value().size() == 1);
}

TEST_CASE("state: a stored file of format 1 is read and brought to today's format") {
    TempDir folder;
    const std::string path = folder / "state.db";
    {
        std::ostringstream script;
        script << std::ifstream(FORMAT_1).rdbuf();
        Database old(path, pragmas);
        old.script(script.str().c_str());
    }
    StateStore store(path);
    REQUIRE(store.problem().empty());
    CHECK(store.proxies().value() == std::vector{a_proxy("pg")});
    CHECK(store.sessions().value() == std::vector{a_session("s_1234567890")});
    CHECK(store.counters("pg").value() == Counters{2, 7, 1, 1000, 2000});
    CHECK(store.events("pg", 10).value().at(0).message == "listening on 127.0.0.1:15432");
    CHECK(store.clusters().value().at(0).current);
    Database raw(path, pragmas);
    CHECK(raw.number("PRAGMA user_version") == schema_version());
}
