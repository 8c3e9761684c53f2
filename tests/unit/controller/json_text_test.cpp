#include "controller/json_text.hpp"

#include "base/json_text.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agent;
using namespace agent::controller;

namespace {

Result<std::string> read(std::string_view text, std::size_t piece = 65536,
                         JsonTextLimits limits = {}) {
    JsonText reader(limits);
    reader.begin();
    while (!text.empty()) {
        const auto now = text.substr(0, piece);
        const auto fed = reader.feed(now);
        if (!fed) return fed.error();
        text.remove_prefix(now.size());
    }
    const auto whole = reader.finish();
    if (!whole) return whole.error();
    return reader.take();
}

std::string repeated(const std::string& what, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += what;
    return text;
}

} // namespace

TEST_CASE("a body comes out as it was, without the spaces") {
    const std::string text =
        R"({ "text": "a\n\"\\ü\u00fc\u003c 😀 \u0001", "numbers": [1, -2, 18446744073709551615,
        0.1, 1e3, 123456789012345678901234567890, 1.00], "empty": [ {}, [], "" ], "words": [true, false, null] })";
    const std::string compact =
        R"({"text":"a\n\"\\üü< 😀 \u0001","numbers":[1,-2,18446744073709551615,0.1,1e3,123456789012345678901234567890,1.00],)"
        R"("empty":[{},[],""],"words":[true,false,null]})";
    for (const std::size_t piece : {1U, 2U, 3U, 65536U}) {
        const auto out = read(text, piece);
        REQUIRE(out);
        CHECK(*out == compact);
    }
    CHECK(dump_json(parse_json(text).value()) == compact);
    CHECK(dump_json(raw_json(compact)) == compact);
}

TEST_CASE("a body that is no JSON object is refused at its first byte") {
    for (const auto* text : {"<html>", "[1,2", "[]", "7", "\"text\"", "null", "true", "{\"a\":1}x",
                             "{\"a\":1}{", "{\"a\":", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}",
                             "{\"a\":01}", "{\"a\":1e999}", "{a:1}", "{\"a\":1,}"}) {
        INFO(text);
        for (const std::size_t piece : {1U, 65536U}) {
            const auto out = read(text, piece);
            REQUIRE_FALSE(out);
            CHECK(out.error().code == Errc::controller_protocol);
        }
    }
    CHECK_FALSE(read(std::string_view("{\"a\":\"\0\"}", 9)));
    CHECK(read(std::string_view("{\"a\":\"\\u0000\"}")).value() == "{\"a\":\"\\u0000\"}");
    CHECK(read("").value().empty());
    CHECK(read(" \r\n\t", 1).value().empty());
}

TEST_CASE("a body's values, depth and length have bounds") {
    const auto too_many = read("{\"a\":[" + repeated("0.1,", 1U << 20U) + "1]}");
    REQUIRE_FALSE(too_many);
    CHECK(too_many.error().code == Errc::limit_exceeded);
    CHECK(read("{\"a\":[" + repeated("0.1,", 1U << 20U) + "1]}", 65536, only_text));
    const auto too_long = read("{\"a\":\"" + repeated("x", max_tree_bytes) + "\"}");
    REQUIRE_FALSE(too_long);
    CHECK(too_long.error().code == Errc::limit_exceeded);
    const auto too_deep = read("{\"a\":" + repeated("[", 200));
    REQUIRE_FALSE(too_deep);
    CHECK(too_deep.error().message.find("deeper") != std::string::npos);
    CHECK(read("{\"a\":" + repeated("[", 58) + repeated("]", 58) + "}"));
    CHECK_FALSE(parse_item("[" + repeated("[],", 1U << 20U) + "1]"));
    CHECK(parse_item("{\"a\":[1,2,{}]}"));
}
