#include "boundary/handshake.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::boundary;
using namespace std::string_literals;

namespace {

const std::string token = "0123456789abcdefghij";
const std::string minus_one = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";

} // namespace

TEST_CASE("handshake: the client's two messages have the protocol's exact bytes") {
    ClientHandshake handshake;
    handshake.tofu_token = Secret(token);
    CHECK(encode_client_handshake(handshake) == "\x52\x14" + token);
    handshake.command = HandshakeCommand::session_cancel;
    CHECK(encode_client_handshake(handshake) == "\x52\x14" + token + "\xa0\x01\x01");

    const auto decoded = decode_client_handshake("\x52\x14" + token + "\xa0\x01\x01");
    REQUIRE(decoded.has_value());
    CHECK(decoded->tofu_token.reveal() == token);
    CHECK(decoded->command == HandshakeCommand::session_cancel);
    CHECK(decode_client_handshake("\x52\x14" + token)->command == HandshakeCommand::open);
}

TEST_CASE("handshake: the result's exact bytes, minus one being ten of them and zero none") {
    HandshakeResult result;
    result.connection_limit = 5;
    result.connections_left = 4;
    CHECK(encode_handshake_result(result) == "\xa0\x01\x05\xf0\x01\x04");
    result.connections_left = 0;
    CHECK(encode_handshake_result(result) == "\xa0\x01\x05");
    result.connection_limit = result.connections_left = -1;
    CHECK(encode_handshake_result(result) == "\xa0\x01" + minus_one + "\xf0\x01" + minus_one);

    CHECK(decode_handshake_result("\xa0\x01\x05")->connections_left == 0);
    CHECK(decode_handshake_result("\xa0\x01" + minus_one + "\xf0\x01" + minus_one)
              ->connections_left == -1);
    CHECK_FALSE(decode_handshake_result("")->expiration);
}

TEST_CASE("handshake: an expiration keeps its nanoseconds, also before 1970") {
    for (const char* text :
         {"2026-11-24T08:29:59.640564123Z", "2026-11-24T08:29:59Z", "1969-12-31T23:59:59.750Z"}) {
        HandshakeResult result;
        result.expiration = parse_rfc3339(text);
        REQUIRE(result.expiration);
        CHECK(decode_handshake_result(encode_handshake_result(result))->expiration ==
              result.expiration);
    }
}

TEST_CASE("handshake: unknown fields and unknown commands are passed over") {
    const auto decoded =
        decode_client_handshake("\x0a\x03xyz\x52\x14" + token + "\xa0\x01\x07\x18\x01");
    REQUIRE(decoded.has_value());
    CHECK(decoded->tofu_token.reveal() == token);
    CHECK(decoded->command == HandshakeCommand::open);
    CHECK(decode_client_handshake("")->tofu_token.empty());
}

TEST_CASE("handshake: what is no such message is an error without the token in it") {
    for (const auto& bad : {"\x52\x14short"s, "\x52"s, "\xa0\x01"s, "\x52\x02\xff\xfe"s,
                            "GET / HTTP/1.1"s, "\x53\x01"s}) {
        const auto decoded = decode_client_handshake(bad);
        REQUIRE_FALSE(decoded.has_value());
        CHECK(decoded.error().code == Errc::worker_refused);
        CHECK(decoded.error().message.find("short") == std::string::npos);
    }
    CHECK_FALSE(decode_handshake_result("\x52\x05\x10\x80\x94\xeb\xdc\x03"s)
                    .has_value()); // nanos 1000000000
}
