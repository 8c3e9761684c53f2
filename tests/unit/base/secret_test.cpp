#include "base/log.hpp"
#include "base/secret.hpp"
#include "support/catch.hpp"

using agent::Secret;

namespace {
std::string last_line;
}

TEST_CASE("secret: its only printed form is ***, also in a log line") {
    const Secret token("at_1234567890_s1hunter2");
    CHECK(fmt::format("{}", token) == "***");
    agent::log::set_sink([](agent::log::Level, std::string_view line) { last_line = line; });
    agent::log::info("login token={}", token);
    agent::log::set_sink(nullptr);
    CHECK(last_line == "login token=***");
}

TEST_CASE("secret: moved-from secrets are empty") {
    Secret a("0123456789abcdef0123456789abcdef");
    Secret b(std::move(a));
    CHECK(a.empty()); // NOLINT(bugprone-use-after-move): the point of the test
    CHECK(b.reveal() == "0123456789abcdef0123456789abcdef");
    a = b;
    CHECK(a == b);
}
