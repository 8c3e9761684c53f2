#include "boundary/base58.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::boundary;
using namespace std::string_literals;

TEST_CASE("base58: known pairs, both ways") {
    const std::pair<std::string, std::string> pairs[] = {
        {"", ""},
        {"Hello World!", "2NEpo7TZRRrLZSi2U"},
        {"The quick brown fox jumps over the lazy dog.",
         "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"},
        {"\0\0\x28\x7f\xb4\xcd"s, "11233QC4"},
        {"\0\0\0"s, "111"},
        {"\xff", "5Q"},
    };
    for (const auto& [bytes, text] : pairs) {
        CHECK(base58_encode(bytes) == text);
        const auto decoded = base58_decode(text);
        REQUIRE(decoded.has_value());
        CHECK(*decoded == bytes);
    }
}

TEST_CASE("base58: every length comes back, with and without leading zeros") {
    for (std::size_t length = 0; length < 70; ++length) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(i * 37 + length);
        CHECK(base58_decode(base58_encode(bytes)).value() == bytes);
        bytes.insert(0, 3, '\0');
        CHECK(base58_decode(base58_encode(bytes)).value() == bytes);
    }
}

TEST_CASE("base58: the first character that is no digit is named") {
    CHECK(base58_decode("notbase58_0OIl").error().message == "invalid base58 digit ('_')");
    CHECK(base58_decode("abc0").error().message == "invalid base58 digit ('0')");
    CHECK(base58_decode("abc\n").error().message == "invalid base58 digit ('\\n')");
    CHECK(base58_decode(" abc").error().message == "invalid base58 digit (' ')");
    CHECK(base58_decode("a\xc3\xa4").error().message == "invalid base58 digit ('\\xc3')");
    CHECK(base58_decode("a\x1b[2J").error().message == "invalid base58 digit ('\\x1b')");
    CHECK(base58_decode("0").error().code == Errc::invalid_authorization);
}

TEST_CASE("base58: text above the bound is refused before any work") {
    CHECK(base58_decode(std::string(max_base58_length, '2')).has_value());
    CHECK(base58_decode(std::string(max_base58_length + 1, '2')).error().code ==
          Errc::limit_exceeded);
}
