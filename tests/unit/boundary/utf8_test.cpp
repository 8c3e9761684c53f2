#include "boundary/utf8.hpp"

#include "support/catch.hpp"

using namespace agent::boundary;

TEST_CASE("utf8: what is and what is not") {
    for (const char* good :
         {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(is_utf8(good));
    for (const char* bad : {"\x80", "\xc3", "\xc3(", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                            "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff"})
        CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("utf8: a prefix cuts no character") {
    CHECK(utf8_prefix("abc", 5) == "abc");
    CHECK(utf8_prefix("abc", 2) == "ab");
    CHECK(utf8_prefix("a\xe2\x82\xac", 3) == "a");
    CHECK(utf8_prefix("a\xe2\x82\xac", 4) == "a\xe2\x82\xac");
}
