#include "boundary/protocol.hpp"

#include "boundary/utf8.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cctype>

using namespace agent::boundary;
using namespace std::string_literals;

TEST_CASE("protocol: ALPN offers http/1.1, then the session, and the worker finds it there") {
    const auto list = alpn_wire_list("s_1234567890");
    CHECK(list == "\x08http/1.1\x0cs_1234567890");
    CHECK(session_id_in_alpn(list) == "s_1234567890");
    CHECK(session_id_in_alpn("\x0cs_1234567890\x08http/1.1") == "s_1234567890");
    CHECK(session_id_in_alpn("\x02h2\x03s_a\x03s_b") == "s_a");
}

TEST_CASE("protocol: an ALPN list without a session, or a broken one, holds none") {
    CHECK(session_id_in_alpn("").empty());
    CHECK(session_id_in_alpn("\x08http/1.1").empty());
    CHECK(session_id_in_alpn("\x09s_12").empty());
    CHECK(session_id_in_alpn("\0\x03s_a"s).empty());
}

TEST_CASE("protocol: session ids") {
    CHECK(is_session_id("s_bgr8CMpEi5"));
    for (const char* bad : {"", "s_", "x_1234567890", "s_12/34", "s_12 34", "s_12_34"})
        CHECK_FALSE(is_session_id(bad));
    CHECK_FALSE(is_session_id("s_" + std::string(63, 'a')));
}

TEST_CASE("protocol: TOFU tokens are twenty letters and digits, a new one each time") {
    const auto token = new_tofu_token();
    CHECK(token.reveal().size() == 20);
    CHECK(
        std::ranges::all_of(token.reveal(), [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK_FALSE(new_tofu_token() == token);
}
