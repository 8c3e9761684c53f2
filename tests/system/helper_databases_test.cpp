// connect postgres, mysql, redis with the real programs and servers that want a password, and one
// that is hard to write down.

#include "support/brokering_world.hpp"
#include "support/catch.hpp"
#include "support/database_servers.hpp"
#include "support/eventually.hpp"
#include "support/exposed.hpp"
#include "support/postgres_server.hpp"

#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

// What pgpass, my.cnf, a shell and SQL each have a meaning for.
const std::string awkward = R"( a:b\c#d"e'f;$g )";

agent::Json login_of(const std::string& user, const std::string& password) {
    return {{"type", "username_password"}, {"username", user}, {"password", password}};
}

} // namespace

TEST_CASE("connect postgres: psql logs in with the brokered password, whatever is in it") {
    PostgresServer postgres(awkward);
    BrokeringWorld world(postgres.port(), login_of("postgres", awkward));
    world->environment["PGPASSWORD"] = "another"; // the one of this session is meant
    const auto ended =
        world.run("postgres", {"-dbname", "postgres", "--", "-XAtc", "select 6 * 7"});
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out == "42\n");
    CHECK(world->proxies().empty());
    const auto failed =
        world.run("postgres", {"-dbname", "postgres", "-style", "PSQL", "--", "-XAtc", "select",
                               "-v", "ON_ERROR_STOP=1", "-c", "no sql"});
    CHECK(failed.exit == 1); // psql's own
}

TEST_CASE("connect postgres: psql's password is in no word, variable or folder while it runs, and "
          "nothing of it stays after kill -9 of agentctl") {
    const std::string password = "hunter2hunter2";
    PostgresServer postgres(password);
    BrokeringWorld world(postgres.port(), login_of("postgres", password));
    auto psql = world->start_agentctl(
        BrokeringWorld::words("postgres", {"-dbname", "postgres", "--", "-XAtc", "select 'ready'",
                                           "-c", "select pg_sleep(60)"}));
    REQUIRE(psql.wait_for("ready"));
    CHECK(exposing({password}).empty());
    const auto in_folders = [&] {
        std::vector<std::string> found;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(world->folder().path()))
            if (entry.is_regular_file() &&
                entry.path().string().find("/server") == std::string::npos &&
                read_text(entry.path()).find(password) != std::string::npos)
                found.push_back(entry.path());
        return found;
    };
    CHECK(in_folders().empty());
    psql.signal(SIGKILL);
    psql.wait();
    CHECK(in_folders().empty());
    for (const auto& proxy : world->proxies())
        world->agentctl({"disconnect", proxy.at("name").get<std::string>()});
}

TEST_CASE(
    "connect mysql: mariadb's program logs in with the brokered password, whatever is in it") {
    MariadbServer mariadb("ann", awkward);
    BrokeringWorld world(mariadb.port(), login_of("ann", awkward));
    const auto ended =
        world.run("mysql", {"-dbname", "app", "--", "-N", "-e", "select 6 * 7, database()"});
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out == "42\tapp\n");
    CHECK(world->proxies().empty());
}

TEST_CASE("connect redis: redis-cli logs in with the brokered user and password") {
    const std::string password = R"(a:b\c#d"e'f;$g)";
    RedisServer redis("ann", password);
    BrokeringWorld world(redis.port(), login_of("ann", password));
    const auto ended = world.run("redis", {"--", "ACL", "WHOAMI"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out.find("ann") != std::string::npos);
    CHECK(world->proxies().empty());
}
