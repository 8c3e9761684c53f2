#include "base/json.hpp"
#include "base/secret.hpp"
#include "support/catch.hpp"
#include "support/memory_scan.hpp"

#include <nlohmann/json.hpp>

using namespace agent;

TEST_CASE("json: what a controller sent comes out as it went in") {
    const std::string text =
        R"({"z":1,"a":{"n":12345678901234567890123,"f":1.10,"m":-0.0},"l":[null,true,"é\n",18446744073709551615,-9223372036854775808],"o":{},"r":[]})";
    const auto parsed = parse_json(text);
    REQUIRE(parsed);
    CHECK(dump_json(*parsed) == text);
}

TEST_CASE(
    "json: every sign is written so that it is read again, whether it needs an escape or not") {
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    Json value = Json::object();
    value["plain"] = "all that most texts are";
    value[all] = all;
    value["quoted \"key\""] = "\xc3\xa9";
    const auto text = dump_json(value);
    CHECK(text == value.dump());
    const auto again = parse_json(text);
    REQUIRE(again);
    CHECK(*again == value);
    CHECK(dump_json(Json("half a sign: \xc3")) == "\"half a sign: \xef\xbf\xbd\"");
}

TEST_CASE("json: nesting deeper than the bound is refused before it costs anything") {
    CHECK(parse_json(std::string(64, '[') + std::string(64, ']')));
    const auto deep = parse_json(std::string(1'000'000, '['));
    REQUIRE_FALSE(deep);
    CHECK(deep.error().message == "nested deeper than 64 levels");
}

TEST_CASE("json: broken text is refused without quoting it") {
    for (const auto* text :
         {"", "{", "{\"secret\":}", "[1,]", "\"\xff\"", "nul", "{} {}", "{\"a\" 1}"}) {
        const auto parsed = parse_json(text);
        INFO(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().message.find("secret") == std::string::npos);
    }
}

TEST_CASE("json: signs are escaped as others do it") {
    std::string all;
    for (int c = 0; c < 0x7f; ++c) all += static_cast<char>(c);
    for (const std::string& text : {all, all + "\x7f", all + "\u00e4", std::string("\n"),
                                    std::string("a\"b"), std::string()}) {
        INFO(text);
        CHECK(dump_json(Json(text)) == Json(text).dump());
    }
}

TEST_CASE("json: null and missing members mean the same") {
    const auto parsed = parse_json(R"({"a":null,"b":"x","c":1})");
    REQUIRE(parsed);
    CHECK(find_member(*parsed, "a") == nullptr);
    CHECK(find_member(*parsed, "missing") == nullptr);
    CHECK(string_member(*parsed, "b") == "x");
    CHECK(string_member(*parsed, "c", "other") == "other");
    CHECK(find_member(Json("text"), "a") == nullptr);
}

TEST_CASE("json: writing a text that holds a secret leaves no copy behind once the text is wiped") {
    for (const char* around : {"", "\"quoted\" "}) {
        const test::Marker marker;
        std::string secret;
        secret.reserve(128);
        secret += around;
        marker.append_to(secret);
        Json request = Json::object();
        request["parameters"] = Json::object();
        request["padding"] = std::string(600, 'x'); // behind the secret: the text would have grown
        request["parameters"]["authorization_token"] = secret;
        wipe(secret);
        std::string text = dump_json(request);
        CHECK(marker.copies() >= 2); // in the request and in its text
        wipe(text);
        wipe(request);
        CHECK(marker.copies() == 0);
    }
}

TEST_CASE("json: reading an object that holds a secret leaves no copy behind, however many members "
          "follow") {
    const test::Marker marker;
    std::string text;
    text.reserve(2048);
    text += R"({"token":")";
    marker.append_to(text);
    text += '"';
    for (int i = 0; i < 40; ++i) text += R"(,"m)" + std::to_string(i) + R"(":1)";
    text += '}';
    auto read = parse_json(text);
    REQUIRE(read.has_value());
    wipe(text);
    CHECK(read->size() == 41);
    CHECK(marker.copies() == 1); // where it is kept
    wipe(*read);
    CHECK(marker.copies() == 0);
}
