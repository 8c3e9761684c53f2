// postgres, mysql, mongo, cassandra, redis: words, variables and files.

#include "agentctl/helpers/mysql_options.hpp"
#include "agentctl/helpers/postgres_passfile.hpp"

#include "subject.hpp"

using namespace agentctl::test;
namespace helpers = agentctl::helpers;

TEST_CASE("connect postgres: its words, with and without what is known") {
    CHECK(Subject{helpers::postgres}.words() == Words{"psql", "-p", "4711", "-h", "127.0.0.1"});
    CHECK(Subject{helpers::postgres, {.username = "ann", .dbname = "app"}, {"-c", "select 1"}}
              .words() == Words{"psql", "-c", "select 1", "-p", "4711", "-h", "127.0.0.1", "-d",
                                "app", "-U", "ann"});
}

TEST_CASE("connect postgres: a brokered password is in an unlinked file of mode 0600, and its user "
          "name comes before -username") {
    const Subject subject{
        helpers::postgres, {.username = "bob"}, {}, {user_password("ann", R"(a:b\c d)")}};
    const auto command = subject.command();
    REQUIRE(command.has_value());
    CHECK(command->words() == Words{"psql", "-p", "4711", "-h", "127.0.0.1", "-U", "ann"});
    const auto file = variable(*command, "PGPASSFILE");
    CHECK(file.starts_with("/dev/fd/"));
    CHECK(text_of(file) == R"(*:*:*:*:a\:b\\c d)");
    CHECK(mode_of(file) == 0600);
    CHECK(command->rest().empty());
    REQUIRE(command->warnings().size() == 1);
    CHECK(command->warnings()[0].find("-dbname") != std::string::npos);
}

TEST_CASE("helpers: a style is found without regard to case, and an unknown one is a program "
          "without words of ours, but for mongo") {
    CHECK(Subject{helpers::postgres, {.style = "PSQL"}}.words() ==
          Words{"psql", "-p", "4711", "-h", "127.0.0.1"});
    const Subject other{helpers::postgres, {.style = "PgCli"}, {"-v"}, {user_password("a", "b")}};
    CHECK(other.words() == Words{"pgcli", "-v"});
    CHECK(other.command()->rest().size() == 1);
    CHECK(Subject{helpers::mongo, {.style = "robo"}}.refusal().starts_with(
        "2: Failed to collect args"));
}

TEST_CASE("helpers: -exec names another program, and the words stay") {
    Subject subject{helpers::redis};
    subject.exec = "/opt/cli";
    CHECK(subject.words() == Words{"/opt/cli", "-h", "127.0.0.1", "-p", "4711"});
}

TEST_CASE("connect mysql: the option file comes first, the password in it is quoted") {
    const Subject subject{helpers::mysql,
                          {.dbname = "app"},
                          {"-e", "select 1"},
                          {user_password("ann", "a\"b\\c#d e\n")}};
    const auto command = subject.command();
    REQUIRE(command.has_value());
    const auto& words = command->words();
    const std::string option = "--defaults-file=";
    REQUIRE(words.size() == 12);
    REQUIRE(words[1].starts_with(option));
    CHECK(Words(words.begin() + 2, words.end()) ==
          Words{"-e", "select 1", "-P", "4711", "-h", "127.0.0.1", "-D", "app", "-u", "ann"});
    const auto file = words[1].substr(option.size());
    CHECK(text_of(file) == "[client]\npassword=\"a\\\"b\\\\c#d e\\n\"\n");
    CHECK(mode_of(file) == 0600);
    CHECK(Subject{helpers::mysql, {.username = "bob"}}.words() ==
          Words{words[0], "-p", "-P", "4711", "-h", "127.0.0.1", "-u", "bob"});
}

TEST_CASE(
    "connect mongo: a password is in no word: a script in memory logs in before anything else "
    "runs") {
    const Subject subject{helpers::mongo,
                          {.dbname = "app", .authentication_database = "users"},
                          {"--quiet"},
                          {user_password("ann", "p\"w</script>\u2028")}};
    const auto command = subject.command();
    REQUIRE(command.has_value());
    const auto& words = command->words();
    REQUIRE(words.size() == 10);
    CHECK(words[1] == "--eval");
    CHECK(words[2].starts_with("load(\"/dev/fd/"));
    CHECK(Words(words.begin() + 3, words.end()) ==
          Words{"--shell", "--quiet", "--port", "4711", "--host", "127.0.0.1", "app"});
    const auto script = text_of(words[2].substr(6, words[2].size() - 8));
    CHECK(script.ends_with("([\"users\",\"ann\",\"p\\\"w</script>\\u2028\"]);\n"));
    CHECK(command->rest().empty());
    // Words of the user's that say what is to run decide whether a shell follows.
    Subject running = subject;
    running.passthrough = {"--eval", "db.stats()"};
    CHECK_FALSE(anywhere(running.words(), "--shell"));
}

TEST_CASE("connect mongo: without a password it asks as the reference does") {
    CHECK(Subject{helpers::mongo,
                  {.username = "ann", .dbname = "app", .authentication_database = "admin"}}
              .words() == Words{"mongosh", "--port", "4711", "--host", "127.0.0.1", "app", "-u",
                                "ann", "--authenticationDatabase", "admin"});
}

TEST_CASE("connect cassandra: its words, and the password in a file in memory") {
    const Subject subject{
        helpers::cassandra, {.keyspace = "app"}, {}, {user_password("ann", "p%w")}};
    const auto command = subject.command();
    REQUIRE(command.has_value());
    const auto& words = command->words();
    REQUIRE(words.size() == 9);
    CHECK(Words(words.begin(), words.begin() + 6) ==
          Words{"cqlsh", "-u", "ann", "-k", "app", "--credentials"});
    CHECK(text_of(words[6]) == "[PlainTextAuthProvider]\npassword = p%w");
    CHECK(mode_of(words[6]) == 0600);
    CHECK(Words(words.begin() + 7, words.end()) == Words{"127.0.0.1", "4711"});
}

TEST_CASE("connect redis: its flags come before a command, the password is a variable; without one "
          "nothing of it is anywhere") {
    const Subject subject{helpers::redis, {}, {"PING"}, {user_password("ann", "p w")}};
    const auto command = subject.command();
    REQUIRE(command.has_value());
    CHECK(command->words() ==
          Words{"redis-cli", "-h", "127.0.0.1", "-p", "4711", "--user", "ann", "PING"});
    CHECK(variable(*command, "REDISCLI_AUTH") == "p w");
    const Subject without{helpers::redis};
    CHECK(without.command()->environment().set.empty());
}

TEST_CASE("helpers: a password alone serves -username") {
    const Subject subject{
        helpers::redis, {.username = "bob"}, {}, {brokered("password", {{"password", "pw"}})}};
    CHECK(subject.words() == Words{"redis-cli", "-h", "127.0.0.1", "-p", "4711", "--user", "bob"});
    CHECK(variable(*subject.command(), "REDISCLI_AUTH") == "pw");
}
