#include "base/command_line.hpp"

#include "support/catch.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

using agent::CommandLine;
using agent::take_from_environment;

TEST_CASE(
    "command line: every word is blotted out where the kernel shows it, and can be shown again") {
    char program[] = "agentctl", flag[] = "-authz", secret[] = "at_1234567890_s1x", brief[] = "x",
         empty[] = "";
    char* argv[] = {program, flag, secret, brief, empty, nullptr};
    CommandLine line(5, argv);
    const auto words = line.words();
    REQUIRE(words.size() == 4);
    CHECK(words[1] == "at_1234567890_s1x");
    CHECK(std::string(secret, sizeof secret) == "***" + std::string(sizeof secret - 3, '\0'));
    CHECK(std::string(program) == "agentctl");
    CHECK(std::string(flag) == "***");
    CHECK(std::string(brief) == "*");
    line.show(words[0]);
    line.show(words[2]);
    CHECK(std::string(flag) == "-authz");
    CHECK(std::string(brief) == "x");
    words[1] = "another, much longer one that has no room there";
    line.show(words[1]);
    CHECK(std::string(secret) == "***");
}

TEST_CASE("command line: a process without any word, its name included, is no trouble") {
    char* argv[] = {nullptr};
    CommandLine line(0, argv);
    CHECK(line.words().empty());
}

TEST_CASE("environment: a secret is taken out of it, and overwritten where it stood") {
    char variable[] =
        "AGENT_TEST_SECRET=at_1_s1x"; // as a process's first environment: not on the heap
    REQUIRE(::putenv(variable) == 0);
    const auto taken = take_from_environment("AGENT_TEST_SECRET");
    REQUIRE(taken.has_value());
    CHECK(taken->reveal() == "at_1_s1x");
    CHECK(std::getenv("AGENT_TEST_SECRET") == nullptr);
    CHECK(std::string(variable, sizeof variable) == "AGENT_TEST_SECRET=" + std::string(9, '\0'));
    CHECK_FALSE(take_from_environment("AGENT_TEST_SECRET").has_value());
    REQUIRE(::setenv("AGENT_TEST_SECRETS", "another", 1) == 0); // a longer name is another variable
    CHECK_FALSE(take_from_environment("AGENT_TEST_SECRET").has_value());
    CHECK(std::getenv("AGENT_TEST_SECRETS") != nullptr);
    ::unsetenv("AGENT_TEST_SECRETS");
}
