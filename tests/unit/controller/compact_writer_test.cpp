// CompactWriter: JSON as it came, without the spaces, however its tokens were cut.

#include "controller/compact_writer.hpp"

#include "base/json.hpp"
#include "support/catch.hpp"
#include "support/memory_scan.hpp"

#include <nlohmann/json.hpp>

using namespace agent;
using namespace agent::controller;

TEST_CASE("compact writer: values of every kind, with commas where they belong") {
    CompactWriter writer;
    writer.open('{');
    writer.key_part("a", true);
    writer.open('[');
    writer.number_part("1", true);
    writer.word("true");
    writer.open('{');
    writer.close('}');
    writer.open('[');
    writer.close(']');
    writer.string_part("x", true);
    writer.close(']');
    writer.key_part("b", true);
    writer.word("null");
    writer.close('}');
    CHECK(writer.text() == R"({"a":[1,true,{},[],"x"],"b":null})");
    CHECK(writer.nodes() == 10); // names are some, too
    writer.clear();
    CHECK(writer.text().empty());
    CHECK(writer.nodes() == 0);
    writer.open('[');
    writer.word("false");
    writer.close(']');
    CHECK(writer.take() == "[false]");
    CHECK(writer.text().empty());
}

TEST_CASE("compact writer: tokens that come in parts are one token") {
    CompactWriter writer;
    writer.open('{');
    writer.key_part("lo", false);
    writer.key_part("ng", true);
    writer.number_part("12", false);
    writer.number_part(".5", true);
    writer.key_part("s", true);
    writer.string_part("", false);
    writer.string_part("a", false);
    writer.string_part("b", true);
    writer.close('}');
    CHECK(writer.text() == R"({"long":12.5,"s":"ab"})");
}

TEST_CASE("compact writer: every byte that a string may hold comes back") {
    std::string all;
    for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
    all += "ü€😀";
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        CompactWriter writer;
        writer.open('[');
        writer.string_part(std::string_view(all).substr(0, cut), false);
        writer.string_part(std::string_view(all).substr(cut), true);
        writer.close(']');
        const auto back = parse_json(R"({"x":)" + std::string(writer.text()) + "}");
        REQUIRE(back.has_value());
        REQUIRE((*back)["x"][0].get<std::string>() == all);
    }
    CompactWriter writer;
    writer.string_part("\b\f\n\r\t\x01\"\\ /", true);
    CHECK(writer.text() == R"("\b\f\n\r\t\u0001\"\\ /")");
}

#ifndef __SANITIZE_ADDRESS__ // which keeps what is freed
TEST_CASE("compact writer: one for secrets leaves none of them where it grew, or when it is "
          "cleared") {
    const test::Marker marker;
    {
        std::string part;
        part.reserve(256);
        marker.append_to(part);
        CompactWriter writer(true);
        writer.open('{');
        writer.key_part("token", true);
        writer.string_part(part, true);
        writer.key_part("more", true);
        writer.string_part(std::string(100'000, 'x'), true); // it grows
        wipe(part);
        CHECK(marker.copies() == 1); // its own
        writer.clear();
        CHECK(marker.copies() == 0);
    }
}
#endif
