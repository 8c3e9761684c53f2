// A real PostgreSQL behind the proxy: psql, COPY both ways, pgbench with long and with short
// connections.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/postgres_server.hpp"

#include <fstream>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

struct Database {
    PostgresServer postgres;
    DevEnvironment world{{.target_port = postgres.port()}};
    std::string port;

    Database() {
        world.login();
        port = std::to_string(
            world.connect_detached({"-target-id", target_id, "-name", "pg"}).at("port").get<int>());
    }
    Ended run(const std::string& program, std::vector<std::string> more) {
        std::vector<std::string> words{
            postgres.program(program), "-h", "127.0.0.1", "-p", port, "-U", "postgres"};
        words.insert(words.end(), more.begin(), more.end());
        words.emplace_back("postgres");
        return run_program(words, {.environment = world.environment}, 60s);
    }
    Ended sql(const std::string& text) {
        return run("psql", {"-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text});
    }
    agent::Json proxy() { return world.proxies().at(0); }
};

} // namespace

TEST_CASE("postgres: a query is answered, and what is copied in comes out again") {
    Database it;
    CHECK(it.sql("select 6 * 7").out == "42\n");

    const auto file = it.world.folder() / "rows";
    {
        std::ofstream rows(file);
        for (int i = 0; i < 200'000; ++i) rows << i << "\tthe quick brown fox\n";
    }
    REQUIRE(it.sql("create table fox (n int, words text)").exit == 0);
    const auto in = it.sql("\\copy fox from '" + file.string() + "'");
    INFO(in.err);
    REQUIRE(in.exit == 0);
    CHECK(it.sql("select count(*), sum(n) from fox").out == "200000|19999900000\n");
    const auto out =
        it.sql("\\copy (select * from fox order by n) to '" + file.string() + ".back'");
    REQUIRE(out.exit == 0);
    CHECK((read_text(file.string() + ".back") == read_text(file)));
    CHECK(it.proxy().at("connections_failed") == 0);
}

TEST_CASE("postgres: pgbench runs without an error, with connections that stay and with one for "
          "each transaction") {
    Database it;
    const auto made = it.run("pgbench", {"-i", "-q", "-s", "1"});
    INFO(made.err);
    REQUIRE(made.exit == 0);
    const auto steady = it.run("pgbench", {"-n", "-c", "8", "-j", "2", "-t", "25"});
    INFO(steady.out << steady.err);
    CHECK(steady.exit == 0);
    CHECK(steady.out.find("number of transactions actually processed: 200/200") !=
          std::string::npos);
    CHECK(steady.out.find("number of failed transactions: 0 ") != std::string::npos);

    const auto before = it.proxy().at("connections_total").get<int>();
    const auto brief = it.run("pgbench", {"-n", "-C", "-S", "-c", "8", "-j", "2", "-t", "15"});
    INFO(brief.out << brief.err);
    CHECK(brief.exit == 0);
    CHECK(brief.out.find("number of transactions actually processed: 120/120") !=
          std::string::npos);
    CHECK(it.proxy().at("connections_total").get<int>() - before >= 120);
    CHECK(it.proxy().at("connections_failed") == 0);
}
