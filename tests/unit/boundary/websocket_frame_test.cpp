#include "boundary/websocket_frame.hpp"

#include "support/catch.hpp"

#include <vector>

using namespace agent::boundary;
using namespace std::string_literals;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string refusal(Role role, const std::string& text) {
    FrameParser parser(role);
    for (std::size_t at = 0; at < text.size() && !parser.failure();) {
        const auto step = parser.feed(bytes_of(text).subspan(at));
        at += step.consumed + (step.header ? step.header->length : 0);
    }
    if (!parser.failure()) return "accepted";
    CHECK(parser.failure()->code == 1002);
    return parser.failure()->reason;
}

std::string written(const FrameHeader& header) {
    std::array<std::byte, max_frame_header> out;
    const auto length = write_frame_header(out, header);
    return {reinterpret_cast<const char*>(out.data()), length};
}

FrameHeader binary(std::uint64_t length) {
    FrameHeader header;
    header.length = length;
    return header;
}

} // namespace

TEST_CASE("frame: lengths are written in their shortest form and read back") {
    const std::pair<std::uint64_t, std::string> cases[] = {
        {0, "\x82\x00"s},
        {125, "\x82\x7d"},
        {126, "\x82\x7e\x00\x7e"s},
        {65535, "\x82\x7e\xff\xff"},
        {65536, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
        {1ull << 40, "\x82\x7f\x00\x00\x01\x00\x00\x00\x00\x00"s},
    };
    for (const auto& [length, text] : cases) {
        CHECK(written(binary(length)) == text);
        FrameParser parser(Role::client);
        const auto step = parser.feed(bytes_of(text + "payload"));
        REQUIRE(step.header);
        CHECK(step.consumed == text.size());
        CHECK(step.header->length == length);
        CHECK(step.header->opcode == Opcode::binary);
        CHECK_FALSE(step.header->key);
    }
}

TEST_CASE("frame: a client's header carries its key, and arrives byte by byte as well") {
    auto header = binary(300);
    header.key = MaskKey{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    const auto text = written(header);
    CHECK(text == "\x82\xfe\x01\x2c\x01\x02\x03\x04"s);
    FrameParser parser(Role::server);
    FrameParser::Step step;
    for (std::size_t i = 0; i < text.size(); ++i) {
        CHECK_FALSE(step.header);
        CHECK(parser.in_the_middle() == (i > 0));
        step = parser.feed(bytes_of(text).subspan(i, 1));
        CHECK(step.consumed == 1);
    }
    REQUIRE(step.header);
    CHECK(step.header->key == header.key);
    CHECK_FALSE(parser.in_the_middle());
}

TEST_CASE("frame: a fragmented message with a ping between is followed") {
    FrameParser parser(Role::client);
    CHECK(parser.feed(bytes_of("\x02\x00"s)).header->final == false);
    CHECK(parser.in_the_middle());
    CHECK(parser.feed(bytes_of("\x89\x00"s)).header->opcode == Opcode::ping);
    CHECK(parser.feed(bytes_of("\x80\x00"s)).header->opcode == Opcode::continuation);
    CHECK_FALSE(parser.in_the_middle());
    CHECK(parser.feed(bytes_of("\x81\x00"s)).header->opcode == Opcode::text);
}

TEST_CASE("frame: what RFC 6455 forbids is refused with 1002") {
    CHECK(refusal(Role::client, "\xc2\x00"s) ==
          "reserved bits are set and no extension was agreed");
    CHECK(refusal(Role::client, "\x83\x00"s) == "unknown opcode");
    CHECK(refusal(Role::client, "\x8b\x00"s) == "unknown opcode");
    CHECK(refusal(Role::client, "\x82\x80\x01\x02\x03\x04"s) == "a server's frame is masked");
    CHECK(refusal(Role::server, "\x82\x00"s) == "a client's frame is not masked");
    CHECK(refusal(Role::client, "\x09\x00"s) == "a control frame is fragmented");
    CHECK(refusal(Role::client, "\x89\x7e\x00\x7e"s) == "a control frame is longer than 125 bytes");
    CHECK(refusal(Role::client, "\x80\x00"s) == "a continuation frame continues nothing");
    CHECK(refusal(Role::client, "\x02\x00\x82\x00"s) == "a message began inside another");
    CHECK(refusal(Role::client, "\x82\x7e\x00\x7d"s) ==
          "payload length is not in its shortest form");
    CHECK(refusal(Role::client, "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff"s) ==
          "payload length is not in its shortest form");
    CHECK(refusal(Role::client, "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"s) ==
          "payload length has its highest bit set");
}

TEST_CASE("frame: nothing is taken after a failure") {
    FrameParser parser(Role::client);
    parser.feed(bytes_of("\xf2\x00"s));
    REQUIRE(parser.failure());
    CHECK(parser.feed(bytes_of("\x82\x00"s)).consumed == 0);
}

TEST_CASE("close frame: code and reason there and back") {
    CloseFrame close;
    CHECK(encode_close(close).empty());
    CHECK(decode_close("") == close);
    close.code = 3000;
    close.reason = "unable to setup proxying";
    CHECK(encode_close(close) == "\x0b\xb8unable to setup proxying");
    CHECK(decode_close("\x0b\xb8unable to setup proxying") == close);
    close.reason = std::string(122, 'x') + "\xc3\xa4";
    CHECK(encode_close(close).size() == 124); // not through the middle of the last character
}

TEST_CASE("close frame: payloads that may not be sent are refused") {
    CHECK_FALSE(decode_close("\x03"));
    for (const auto& code : {"\x00\x00"s, "\x03\xe7"s, "\x03\xec"s, "\x03\xed"s, "\x03\xee"s,
                             "\x03\xf7"s, "\x0b\xb7"s, "\x13\x88"s})
        CHECK_FALSE(decode_close(code));
    CHECK_FALSE(decode_close("\x03\xe8\xff"));
}
