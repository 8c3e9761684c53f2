#include "agentctl/secret_source.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

using agentctl::read_secret_source;

TEST_CASE("secret source: env:// and file:// give the value without white space around it") {
    ::setenv("AGENTCTL_TEST_SECRET", " s3cret\n", 1);
    CHECK(read_secret_source("env://AGENTCTL_TEST_SECRET", "-password")->reveal() == "s3cret");
    CHECK(std::getenv("AGENTCTL_TEST_SECRET") == nullptr); // nobody whom we start gets it

    std::string path = "/tmp/agentctl-secret-XXXXXX";
    ::close(::mkstemp(path.data()));
    std::ofstream(path) << "p w\n\n";
    CHECK(read_secret_source("file://" + path, "-password")->reveal() == "p w");
    ::unlink(path.c_str());
}

TEST_CASE("secret source: a secret itself is refused without being quoted, exit code 3") {
    const auto raw = read_secret_source("hunter2", "-password");
    REQUIRE(raw.has_error());
    CHECK(raw.error().message == "-password must not hold the secret itself");
    CHECK(raw.error().hint.find("hunter2") == std::string::npos);
    CHECK(agent::exit_code(raw.error().code) == 3);
}

TEST_CASE("secret source: what is not there is named") {
    CHECK(read_secret_source("env://AGENTCTL_NOT_SET", "-token").error().message ==
          "the environment variable AGENTCTL_NOT_SET of -token is not set");
    CHECK(read_secret_source("file:///nonexistent", "-token").error().message ==
          "opening /nonexistent of -token: no such file or directory");
    CHECK(read_secret_source("file:///dev/zero", "-token").error().message ==
          "/dev/zero is longer than 64 KiB");
}

TEST_CASE("secret source: 64 KiB are a secret, one byte more is too long") {
    const agent::test::TempDir folder;
    const auto longest = folder.file("longest", std::string(64 * 1024, 'x'));
    const auto read = read_secret_source("file://" + longest.string(), "-token");
    REQUIRE(read.has_value());
    CHECK(read->reveal().size() == 64 * 1024);
    const auto longer = folder.file("longer", std::string(64 * 1024 + 1, 'x'));
    CHECK(read_secret_source("file://" + longer.string(), "-token").error().message ==
          longer.string() + " is longer than 64 KiB");
    const auto with_space = folder.file("space", std::string(64 * 1024, 'x') + "\n");
    CHECK(read_secret_source("file://" + with_space.string(), "-token").has_error());
}

TEST_CASE("secret source: what says where a secret is can be told from a secret") {
    for (const auto* source : {"-", "env://NAME", "file:///path"})
        CHECK(agentctl::names_a_source(source));
    for (const auto* secret : {"", "at_1_s1x", "{\"item\":{}}", "--", "Env://NAME"})
        CHECK_FALSE(agentctl::names_a_source(secret));
}
