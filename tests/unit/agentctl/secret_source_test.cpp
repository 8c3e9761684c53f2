#include "agentctl/secret_source.hpp"

#include "support/catch.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

using agentctl::read_secret_source;

TEST_CASE("secret source: env:// and file:// give the value without white space around it") {
    ::setenv("AGENTCTL_TEST_SECRET", " s3cret\n", 1);
    CHECK(read_secret_source("env://AGENTCTL_TEST_SECRET", "-password")->reveal() == "s3cret");
    ::unsetenv("AGENTCTL_TEST_SECRET");

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
    CHECK(read_secret_source("file:///dev/zero", "-token").error().message == "/dev/zero is longer than 64 KiB");
}
