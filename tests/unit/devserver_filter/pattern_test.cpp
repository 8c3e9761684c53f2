#include "devserver/filter/pattern.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <string>

using devserver::Pattern;

namespace {

bool found(std::string_view pattern, std::string_view subject) {
    const auto compiled = Pattern::compile(pattern);
    INFO(pattern << " in " << subject);
    REQUIRE(compiled.has_value());
    return compiled->found_in(subject);
}

} // namespace

TEST_CASE("pattern: matches anywhere unless anchored") {
    CHECK(found("b", "abc"));
    CHECK(found("", "abc"));
    CHECK(found("^abc$", "abc"));
    CHECK(found("^$", ""));
    CHECK_FALSE(found("^b", "abc"));
    CHECK_FALSE(found("b$", "abc"));
    CHECK_FALSE(found("abc", "ab"));
}

TEST_CASE("pattern: classes, escapes and dots") {
    CHECK(found(R"(^[a-c]\d[^x]\.$)", "b7y."));
    CHECK_FALSE(found(R"(^[a-c]\d[^x]\.$)", "b7x."));
    CHECK(found("[]]", "]"));
    CHECK(found("[a-]", "-"));
    CHECK(found(R"([\d_]+$)", "x_12"));
    CHECK(found(R"(\w\s\W)", "a !"));
    CHECK_FALSE(found("a.b", "a\nb"));
    CHECK(found("a{b", "a{b"));
}

TEST_CASE("pattern: what people know of the reference's expressions") {
    CHECK(found(R"(\bprod\b)", "eu prod db"));
    CHECK_FALSE(found(R"(\bprod\b)", "production"));
    CHECK(found("(?i)^PROD$", "prod"));
    CHECK(found("^.$", "\u00e4")); // one character, not its first byte
    CHECK(found(R"(^\pL+$)", "Z\u00fcrich"));
}

TEST_CASE("pattern: repetitions and alternatives") {
    CHECK(found("^(ab|cd)+$", "abcdab"));
    CHECK_FALSE(found("^(ab|cd)+$", "abc"));
    CHECK(found("^a{2,3}$", "aaa"));
    CHECK_FALSE(found("^a{2,3}$", "aaaa"));
    CHECK_FALSE(found("^a{2}$", "a"));
    CHECK(found("^a{2,}$", "aaaaaa"));
    CHECK(found("^(?:x|)y?$", ""));
    CHECK(found("^a*?b$", "aab"));
    CHECK(found("^(a|b|c)$", "c"));
}

TEST_CASE("pattern: what would take another engine exponential time stays linear") {
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(found("^(a*)*(a|a)*.*.*.*.*b$", std::string(20000, 'a')));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("pattern: what it does not know is refused") {
    for (const char* text : {"(", ")", "a**(", "*a", "[a", "[z-a]", "\\", "\\1", "(?=a)", "a{3,2}",
                             "a{1001}", "((((a{99}){99}){99}){99})", "\xff"}) {
        INFO(text);
        CHECK_FALSE(Pattern::compile(text).has_value());
    }
    CHECK_FALSE(Pattern::compile(std::string(600, 'a')).has_value());
}
