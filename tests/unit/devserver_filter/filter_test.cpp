#include "devserver/filter/filter.hpp"

#include "support/catch.hpp"

using namespace devserver;

namespace {

const agent::Json item = agent::Json::parse(R"({
    "id": "s_1", "status": "active", "version": 2, "big": 9007199254740993, "ratio": 1.5, "shared": true,
    "name": "", "scope": {"id": "p_1", "type": "project"}, "authorized_actions": ["read", "cancel"], "states": [],
    "host_sources": [{"id": "hsst_1"}], "a/b": "slash", "gone": null})");

bool matches(std::string_view text) {
    const auto filter = parse_filter(text);
    INFO(text << (filter ? std::string() : ": " + filter.error().message));
    REQUIRE(filter.has_value());
    return filter->matches(item);
}

std::string refusal(std::string_view text) {
    const auto filter = parse_filter(text);
    INFO(text);
    REQUIRE_FALSE(filter.has_value());
    CHECK(filter.error().code == agent::Errc::invalid_argument);
    return filter.error().message;
}

} // namespace

TEST_CASE("filter: values are compared as what the item holds") {
    CHECK(matches(R"("/item/status" == "active")"));
    CHECK(matches(R"("/item/status" == active)"));
    CHECK(matches("\"/item/status\" == `active`"));
    CHECK_FALSE(matches(R"("/item/status" != "active")"));
    CHECK(matches(R"("/item/version" == 2)"));
    CHECK(matches(R"("/item/version" == "2")"));
    CHECK(matches(R"("/item/version" == 2.0)"));
    CHECK_FALSE(matches(R"("/item/version" == two)"));
    CHECK(matches(R"("/item/big" == 9007199254740993)"));
    CHECK(matches(R"("/item/ratio" == 1.5)"));
    CHECK(matches(R"("/item/shared" == true)"));
    CHECK(matches(R"("/item/shared" != false)"));
    CHECK_FALSE(matches(R"("/item/scope" == "p_1")"));
}

TEST_CASE("filter: selectors are JSON pointers in quotes or dotted words") {
    CHECK(matches(R"("/item/scope/id" == "p_1")"));
    CHECK(matches(R"(item.scope.type == project)"));
    CHECK(matches(R"("/item/host_sources/0/id" == "hsst_1")"));
    CHECK_FALSE(matches(R"("/item/host_sources/1/id" == "hsst_1")"));
    CHECK(matches(R"("/item/a~1b" == "slash")"));
}

TEST_CASE("filter: a selector that leads nowhere matches nothing and is empty") {
    CHECK_FALSE(matches(R"("/item/nosuch" == "x")"));
    CHECK_FALSE(matches(R"("/item/nosuch" != "x")"));
    CHECK_FALSE(matches(R"("/item/gone" != "x")"));
    CHECK_FALSE(matches(R"("/elsewhere/status" == "active")"));
    CHECK_FALSE(matches(R"("/item/nosuch" not contains "x")"));
    CHECK_FALSE(matches(R"("/item/nosuch" not matches "x")"));
    CHECK(matches(R"("/item/nosuch" is empty)"));
    CHECK_FALSE(matches(R"("/item/nosuch" is not empty)"));
}

TEST_CASE("filter: in, contains, matches and is empty") {
    CHECK(matches(R"("cancel" in "/item/authorized_actions")"));
    CHECK(matches(R"("delete" not in "/item/authorized_actions")"));
    CHECK(matches(R"("/item/authorized_actions" contains "read")"));
    CHECK(matches(R"("/item/status" contains "cti")"));
    CHECK(matches(R"("/item/scope" contains "type")"));
    CHECK(matches(R"("/item/status" not contains "xyz")"));
    CHECK(matches(R"("/item/id" matches "^s_[0-9]+$")"));
    CHECK(matches(R"("/item/id" matches "\d")"));
    CHECK(matches(R"("/item/id" not matches "^t")"));
    CHECK_FALSE(matches(R"("/item/version" matches "2")"));
    CHECK(matches(R"("/item/name" is empty)"));
    CHECK(matches(R"("/item/states" is empty)"));
    CHECK(matches(R"("/item/status" is not empty)"));
    CHECK(matches(R"("/item/version" is not empty)"));
}

TEST_CASE("filter: or binds weaker than and, and weaker than not") {
    CHECK(matches(R"("/item/id" == "s_1" or "/item/id" == "x" and "/item/id" == "y")"));
    CHECK_FALSE(matches(R"(("/item/id" == "s_1" or "/item/id" == "x") and "/item/id" == "y")"));
    CHECK(matches(R"(not "/item/id" == "x" and "/item/id" == "s_1")"));
    CHECK_FALSE(matches(R"(not ("/item/id" == "x" or "/item/id" == "s_1"))"));
    CHECK(matches(R"(not not "/item/id" == "s_1")"));
    CHECK(matches("( \n\t\"/item/id\"==\"s_1\")and\"/item/version\"==2"));
}

TEST_CASE("filter: what does not parse is refused with its position") {
    CHECK(refusal("") == R"(filter, position 0: expected a selector, a value, "not" or ()");
    CHECK(refusal(R"("/item/id" = "x")") ==
          R"(filter, position 11: expected ==, !=, in, contains, matches or "is empty")");
    CHECK(refusal(R"("/item/id" ==)") == "filter, position 13: expected a value");
    CHECK(refusal(R"("/item/id" == "x" "y")") ==
          R"(filter, position 18: expected the end, "and" or "or")");
    CHECK(refusal(R"(("/item/id" == "x")") == "filter, position 18: missing )");
    CHECK(refusal(R"("/item/id" == "x)") == "filter, position 14: this quotation does not end");
    CHECK(refusal(R"("item" == "x")") == "filter, position 0: a quoted selector begins with /");
    CHECK(refusal(R"("/item//id" == "x")") == "filter, position 0: a selector with an empty part");
    CHECK(refusal(R"("/item/id" is full)") == R"(filter, position 14: expected "empty")");
    CHECK(refusal(R"("/item/id" matches "(")").find("missing )") != std::string::npos);
    CHECK(refusal(R"("/item/id" == "x" or)").find("expected a selector") != std::string::npos);
}

TEST_CASE("filter: depth and length are bounded") {
    CHECK(refusal(std::string(5000, ' ')).find("longer than 4096 bytes") != std::string::npos);
    CHECK(refusal(std::string(200, '(') + "a == b" + std::string(200, ')'))
              .find("too deeply nested") != std::string::npos);
    std::string nots;
    for (int i = 0; i < 100; ++i) nots += "not ";
    CHECK(refusal(nots + "a == b").find("too deeply nested") != std::string::npos);
    CHECK(matches(std::string(60, '(') + "\"/item/id\" == s_1" + std::string(60, ')')));
}
