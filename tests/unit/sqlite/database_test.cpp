// The owner of a SQLite connection: what goes in comes out, what fails is thrown, and what is left
// half-way serves again.

#include "sqlite/database.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

using namespace agent::sqlite;
using agent::test::TempDir;

namespace {

constexpr const char* none = "";

struct Memory : Database {
    Memory() : Database(":memory:", none) {
        script("CREATE TABLE t (a PRIMARY KEY, b UNIQUE) WITHOUT ROWID");
    }
};

} // namespace

TEST_CASE("sqlite: values come back as they went in; an empty text is no NULL") {
    Memory database;
    const agent::WallTime time(std::chrono::nanoseconds(1'764'000'000'123'456'789));
    const auto row = [&](const auto& value) {
        auto found = database.query("SELECT ?", value);
        REQUIRE(found.step());
        return found;
    };
    CHECK(row("text").text(0) == "text");
    CHECK(row(std::string("a\0b", 3)).text(0) == std::string("a\0b", 3));
    CHECK_FALSE(row(std::string_view()).is_null(0));
    CHECK(row(std::optional<std::string>()).is_null(0));
    CHECK(row(std::optional<std::string>("there")).text(0) == "there");
    CHECK(row(std::int64_t{-1} << 40).integer(0) == std::int64_t{-1} << 40);
    CHECK(row(true).flag(0));
    CHECK(row(time).time(0) == time);
    CHECK(database.number("SELECT 7") == 7);
    CHECK(database.number("SELECT 7 WHERE 0") == 0);
}

TEST_CASE("sqlite: a refused row says whether its key was taken; the statement serves again") {
    Memory database;
    const auto add = [&](const char* a, std::optional<std::string> b) {
        try {
            return database.run("INSERT INTO t (a, b) VALUES (?, ?)", a, b) == 1 ? "added"
                                                                                 : "nothing";
        } catch (const DatabaseError& problem) {
            return problem.unique() ? "taken" : "refused";
        }
    };
    CHECK(add("1", "one") == std::string("added"));
    CHECK(add("1", "two") == std::string("taken"));
    CHECK(add("2", "one") == std::string("taken"));
    CHECK(add("2", "two") == std::string("added"));
    CHECK_THROWS_AS(database.run("INSERT INTO t (a) VALUES (NULL)"), DatabaseError);
    CHECK_THROWS_AS(database.query("SELECT nonsense"), DatabaseError);
}

TEST_CASE("sqlite: a value that has no place in the text is an error") {
    Memory database;
    CHECK_THROWS_AS(database.query("SELECT ?", "one", "two"), DatabaseError);
}

TEST_CASE("sqlite: a statement that was left half-way starts afresh and has forgotten its values") {
    Memory database;
    const char* text = "SELECT ?, value FROM json_each('[1,2,3]')";
    {
        auto row = database.query(text, "secret");
        REQUIRE(row.step());
    }
    auto row = database.query(text);
    REQUIRE(row.step());
    CHECK(row.is_null(0));
    CHECK(row.integer(1) == 1);
    auto other = database.query(text, "beside it"); // two of one text at once
    REQUIRE(other.step());
    REQUIRE(row.step());
    CHECK(other.text(0) == "beside it");
    CHECK(row.integer(1) == 2);
}

TEST_CASE("sqlite: a transaction that is not committed leaves nothing") {
    Memory database;
    {
        Transaction left(database);
        database.run("INSERT INTO t (a) VALUES (1)");
    }
    CHECK(database.number("SELECT count(*) FROM t") == 0);
    Transaction kept(database);
    database.run("INSERT INTO t (a) VALUES (1)");
    kept.commit();
    CHECK(database.number("SELECT count(*) FROM t") == 1);
}

TEST_CASE("sqlite: inner transactions join the outermost, which cannot be committed when one of "
          "them failed") {
    Memory database;
    const auto both = [&](bool inner_too) {
        Transaction outer(database);
        database.run("INSERT INTO t (a) VALUES (1)");
        {
            Transaction inner(database);
            database.run("INSERT INTO t (a) VALUES (2)");
            if (inner_too) inner.commit();
        }
        outer.commit();
    };
    CHECK_THROWS_AS(both(false), DatabaseError);
    CHECK(database.number("SELECT count(*) FROM t") == 0);
    both(true);
    CHECK(database.number("SELECT count(*) FROM t") == 2);
}

TEST_CASE("sqlite: a file is its owner's alone; where there can be none the reason is told") {
    TempDir folder;
    const std::string path = folder / "some.db";
    Database database(path, "PRAGMA journal_mode=WAL");
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    CHECK_THROWS_WITH(Database("/proc/none/some.db", none), "No such file or directory");
    CHECK_THROWS_AS(Database("", none),
                    DatabaseError); // SQLite would take a file that is gone at the end
    CHECK_THROWS_AS(Database(path, "PRAGMA nonsense("), DatabaseError);
}
