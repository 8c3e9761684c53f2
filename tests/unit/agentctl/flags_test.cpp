#include "agentctl/flags.hpp"

#include "support/catch.hpp"

#include <cstdlib>

using agentctl::Flags;

namespace {

struct Parsed {
    std::optional<std::string> id, word;
    std::optional<std::int64_t> port, timeout;
    bool recursive = false;
    std::vector<std::string> rest;
    Flags flags{"test", "A test."};

    Parsed() {
        flags.positional("ALIAS", word);
        flags.text("id", id, "An id.", "AGENTCTL_TEST_ID");
        flags.number("port", port, "A port.");
        flags.duration("timeout", timeout, "A time.");
        flags.boolean("recursive", recursive, "Yes or no.");
        flags.passthrough(rest);
    }
    std::string problem(std::vector<std::string> arguments) {
        const auto status = flags.parse(arguments);
        return status ? "" : status.error().message;
    }
};

} // namespace

TEST_CASE("flags: one dash or two, a space or an equals sign") {
    const auto arguments =
        GENERATE(std::vector<std::string>{"-id", "x y"}, std::vector<std::string>{"--id", "x y"},
                 std::vector<std::string>{"-id=x y"}, std::vector<std::string>{"--id=x y"});
    Parsed parsed;
    CHECK(parsed.problem(arguments).empty());
    CHECK(parsed.id == "x y");
}

TEST_CASE("flags: a value may begin with a dash or hold an equals sign") {
    Parsed parsed;
    CHECK(parsed.problem({"-id", "-"}).empty());
    CHECK(parsed.id == "-");
    CHECK(parsed.problem({"-id=a=b"}).empty());
    CHECK(parsed.id == "a=b");
}

TEST_CASE("flags: booleans take no value but accept one with an equals sign") {
    Parsed parsed;
    CHECK(parsed.problem({"-recursive", "alias"}).empty());
    CHECK(parsed.recursive);
    CHECK(parsed.word == "alias");
    CHECK(parsed.problem({"-recursive=false"}).empty());
    CHECK_FALSE(parsed.recursive);
    CHECK(parsed.problem({"-recursive=perhaps"}) ==
          "invalid value \"perhaps\" for flag -recursive: neither true nor false");
}

TEST_CASE("flags: mistakes are named as Go's flag package names them") {
    Parsed parsed;
    CHECK(parsed.problem({"-nosuch"}) == "flag provided but not defined: -nosuch");
    CHECK(parsed.problem({"--nosuch=secret"}) == "flag provided but not defined: -nosuch");
    CHECK(parsed.problem({"-id"}) == "flag needs an argument: -id");
    CHECK(parsed.problem({"---id"}) == "bad flag syntax: ---id");
    CHECK(parsed.problem({"-=x"}) == "bad flag syntax: -");
    CHECK(parsed.problem({"-port", "22x"}) ==
          "invalid value \"22x\" for flag -port: not a whole number");
    CHECK(parsed.problem({"-timeout", "soon"}) ==
          "invalid value \"soon\" for flag -timeout: not a duration such as 30s or 1h5m");
}

TEST_CASE("flags: words before, between and after flags are taken while they are welcome") {
    Parsed parsed;
    CHECK(parsed.problem({"alias", "-port", "22"}).empty());
    CHECK(parsed.word == "alias");
    CHECK(parsed.port == 22);
    CHECK(parsed.problem({"alias", "-port", "22", "more"}) == "unexpected argument: more");
}

TEST_CASE("flags: what follows -- is passed through untouched, or refused") {
    Parsed parsed;
    CHECK(parsed.problem({"-id", "x", "--", "-id", "--", "y"}).empty());
    CHECK(parsed.rest == std::vector<std::string>{"-id", "--", "y"});
    CHECK(parsed.id == "x");
    Flags none("none", "None.");
    std::vector<std::string> arguments{"--", "x"};
    CHECK_FALSE(none.parse(arguments));
}

TEST_CASE("flags: the environment fills what was not given") {
    ::setenv("AGENTCTL_TEST_ID", "from environment", 1);
    Parsed parsed;
    CHECK(parsed.problem({}).empty());
    CHECK(parsed.id == "from environment");
    CHECK(parsed.problem({"-id", "given"}).empty());
    CHECK(parsed.id == "given");
    Parsed empty;
    ::setenv("AGENTCTL_TEST_ID", "", 1);
    CHECK(empty.problem({}).empty());
    CHECK_FALSE(empty.id);
    ::unsetenv("AGENTCTL_TEST_ID");
}

TEST_CASE("flags: help is wanted by any of its spellings and names every flag with its variable") {
    const std::string word = GENERATE("-h", "-help", "--help");
    Parsed parsed;
    CHECK(parsed.problem({word, "-nosuch"}).empty());
    CHECK(parsed.flags.help_wanted());
    const std::string help = parsed.flags.help();
    CHECK(help.starts_with("Usage: agentctl test [ALIAS] [flags] [-- arguments]\n\nA test.\n"));
    CHECK(help.find("  -id VALUE\n      An id. Also by AGENTCTL_TEST_ID.\n") != std::string::npos);
    CHECK(help.find("  -recursive\n") != std::string::npos);
}

TEST_CASE("flags: a word that holds a secret is wiped and may not be seen; one that says where it "
          "is may") {
    std::optional<agent::Secret> token;
    std::optional<std::string> alias;
    std::vector<std::string> rest;
    Flags flags("test", "A test.");
    flags.secret("token", token, "A token.", "AGENTCTL_TEST_TOKEN");
    flags.positional("ALIAS", alias);
    flags.passthrough(rest);
    const auto seen = [&](std::vector<std::string>& arguments) {
        std::string all;
        for (const auto& one : arguments) all += flags.may_be_seen(one) ? "+" : "-";
        return all;
    };
    std::vector<std::string> given{"-token", "at_1_s1x", "alias", "--", "x"};
    REQUIRE(flags.parse(given));
    CHECK(token->reveal() == "at_1_s1x");
    CHECK(given[1].find("at_1") == std::string::npos);
    CHECK(seen(given) == "+-++-");
    std::vector<std::string> joined{"-token=at_1_s1x"};
    REQUIRE(flags.parse(joined));
    CHECK(token->reveal() == "at_1_s1x");
    CHECK(joined[0].find("at_1") == std::string::npos);
    CHECK(seen(joined) == "-");
    std::vector<std::string> named{"-token", "env://T", "--token=file:///t"};
    REQUIRE(flags.parse(named));
    CHECK(token->reveal() == "file:///t");
    CHECK(seen(named) == "+++");
}

TEST_CASE("flags: a variable that holds a secret is gone from the environment, one that says where "
          "it is stays") {
    std::optional<agent::Secret> token;
    const auto parse = [&](const char* value, std::vector<std::string> arguments) {
        Flags flags("test", "A test.");
        flags.secret("token", token, "A token.", "AGENTCTL_TEST_TOKEN");
        ::setenv("AGENTCTL_TEST_TOKEN", value, 1);
        REQUIRE(flags.parse(arguments));
        const char* left = std::getenv("AGENTCTL_TEST_TOKEN");
        return std::string(left == nullptr ? "gone" : left);
    };
    CHECK(parse("at_1_s1x", {}) == "gone");
    CHECK(token->reveal() == "at_1_s1x");
    CHECK(parse("at_1_s1x", {"-token", "given"}) == "gone");
    CHECK(token->reveal() == "given");
    CHECK(parse("env://T", {}) == "env://T");
    CHECK(token->reveal() == "env://T");
    ::unsetenv("AGENTCTL_TEST_TOKEN");
}
