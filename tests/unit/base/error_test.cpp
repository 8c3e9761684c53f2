#include "base/error.hpp"
#include "base/result.hpp"
#include "support/catch.hpp"

#include <set>

using namespace agent;

TEST_CASE("error: every code has exactly one row, with its own name and a real exit code") {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
        const auto code = static_cast<Errc>(i);
        int rows = 0;
        for (const auto& row : errc_table()) rows += row.code == code;
        INFO("code " << i);
        REQUIRE(rows == 1);
        CHECK(names.insert(errc_name(code)).second);
        CHECK(errc_from_name(errc_name(code)) == code);
        CHECK((exit_code(code) >= 1 && exit_code(code) <= 3));
    }
}

TEST_CASE("error: every hop has a word that leads back to it") {
    for (int i = 0; i <= static_cast<int>(Hop::expiry); ++i)
        CHECK(hop_from_name(hop_name(static_cast<Hop>(i))) == static_cast<Hop>(i));
}

TEST_CASE("error: the text of errno follows the message in lower case") {
    CHECK(fail_errno(Errc::listen_failed, Hop::local, "bind 127.0.0.1:80", EACCES).message ==
          "bind 127.0.0.1:80: permission denied");
}

TEST_CASE("result: value() of a failure throws the error it holds") {
    Result<int> failed = fail(Errc::timed_out, Hop::worker, "dial 10.0.0.7:9202: timed out");
    REQUIRE_FALSE(failed);
    CHECK_THROWS_AS(failed.value(), ErrorException);
    Status fine;
    CHECK(fine.has_value());
}
