#include "boundary/session_authorization.hpp"

#include "real_tokens.hpp"

#include "boundary/base58.hpp"
#include "boundary/timestamp.hpp"
#include "support/catch.hpp"

#include <functional>

using namespace agent;
using namespace agent::boundary;
using namespace std::chrono_literals;

namespace {

SessionAuthorization complete() {
    SessionAuthorization authorization;
    authorization.session_id = "s_1234567890";
    authorization.target_id = "ttcp_1234567890";
    authorization.scope.id = "p_1234567890";
    authorization.created_time = parse_rfc3339("2026-11-24T00:29:59.640564Z");
    authorization.type = "tcp";
    authorization.connection_limit = -1;
    authorization.endpoint_port = 22;
    authorization.expiration = parse_rfc3339("2026-11-24T08:29:59Z");
    authorization.certificate = "DER";
    authorization.private_key = Secret(std::string(64, 'k'));
    authorization.endpoint = "tcp://10.0.0.7:22";
    authorization.workers = {"127.0.0.1:9202", "[::1]:9202"};
    authorization.default_client_port = 5432;
    return authorization;
}

/// What decoding says of a complete token after `change`.
std::string refusal_after(const std::function<void(SessionAuthorization&)>& change) {
    auto authorization = complete();
    change(authorization);
    const auto decoded = decode_authorization_token(encode_authorization_token(authorization));
    if (decoded) return "accepted";
    CHECK(decoded.error().code == Errc::invalid_authorization);
    return decoded.error().message;
}

} // namespace

TEST_CASE("authorization token: a real one of a target with host sources") {
    const auto decoded = decode_authorization_token(test::token_with_host);
    REQUIRE(decoded.has_value());
    CHECK(decoded->session_id == "s_bgr8CMpEi5");
    CHECK(decoded->target_id == "ttcp_0987654321");
    CHECK(decoded->scope.id == "p_1234567890");
    CHECK(decoded->scope.type == "project");
    CHECK(decoded->scope.name == "Generated project scope");
    CHECK(decoded->scope.parent_scope_id == "o_1234567890");
    CHECK(format_rfc3339(decoded->created_time.value()) == "2026-11-24T00:29:59.640564Z");
    CHECK(format_rfc3339(decoded->expiration.value()) == "2026-11-24T08:29:59.640Z");
    CHECK(decoded->type == "tcp");
    CHECK(decoded->connection_limit == -1);
    CHECK(decoded->endpoint_port == 2222);
    CHECK(decoded->endpoint == "tcp://localhost:2222");
    CHECK(decoded->host_id == "hst_1234567890");
    CHECK(decoded->workers == std::vector<std::string>{"10.91.0.2:9202"});
    CHECK(decoded->private_key.reveal().size() == 64);
    CHECK(decoded->certificate.starts_with("\x30\x82"));
}

TEST_CASE("authorization token: a real one by alias, without a host") {
    const auto decoded = decode_authorization_token(test::token_by_alias);
    REQUIRE(decoded.has_value());
    CHECK(decoded->session_id == "s_6zjO16I6S3");
    CHECK(decoded->host_id.empty());
    CHECK(decoded->endpoint == "tcp://127.0.0.1:22");
}

TEST_CASE("authorization token: a real one is written back byte for byte") {
    for (const auto token : {test::token_with_host, test::token_by_alias}) {
        const auto decoded = decode_authorization_token(token);
        REQUIRE(decoded.has_value());
        CHECK(encode_authorization_token(*decoded) == token);
    }
}

TEST_CASE("authorization token: garbage is answered with the place it broke at") {
    CHECK(decode_authorization_token("notbase58_0OIl").error().message ==
          "unable to base58-decode authorization token: invalid base58 digit ('_')");
    CHECK(decode_authorization_token(std::string(test::token_by_alias) + "\n").error().message ==
          "unable to base58-decode authorization token: invalid base58 digit ('\\n')");
    CHECK(decode_authorization_token("").error().message == "empty authorization token");
    const auto protobuf = decode_authorization_token("zzzzzzzzzz");
    REQUIRE_FALSE(protobuf.has_value());
    CHECK(protobuf.error().code == Errc::invalid_authorization);
    CHECK(protobuf.error().message.starts_with(
        "unable to read the authorization token as protobuf: "));
}

TEST_CASE("authorization token: every truncation of a real one is refused") {
    for (std::size_t length = 0; length < test::token_by_alias.size(); ++length) {
        const auto decoded = decode_authorization_token(test::token_by_alias.substr(0, length));
        if (decoded) FAIL("accepted " << length << " characters");
        CHECK(decoded.error().code == Errc::invalid_authorization);
    }
}

TEST_CASE("authorization token: what is missing is named") {
    using Token = SessionAuthorization;
    CHECK(refusal_after([](Token&) {}) == "accepted");
    CHECK(refusal_after([](Token& t) { t.session_id.clear(); }) ==
          "authorization token holds no session id");
    CHECK(refusal_after([](Token& t) { t.session_id = "../../etc"; }) ==
          "authorization token holds no session id");
    CHECK(refusal_after([](Token& t) { t.workers.clear(); }) ==
          "authorization token names no worker");
    CHECK(refusal_after([](Token& t) { t.workers.assign(64, "10.0.0.7:9202"); }) == "accepted");
    CHECK(refusal_after([](Token& t) { t.workers.assign(65, "10.0.0.7:9202"); }) ==
          "unable to read the authorization token as protobuf: too many workers");
    CHECK(refusal_after([](Token& t) { t.workers = {"a b"}; }) ==
          "authorization token names a worker without a usable address");
    CHECK(refusal_after([](Token& t) { t.certificate.clear(); }) ==
          "authorization token holds no certificate");
    CHECK(refusal_after([](Token& t) { t.private_key = Secret("short"); }) ==
          "authorization token holds a private key of 5 bytes instead of 64");
    CHECK(refusal_after([](Token& t) { t.endpoint = "\xff"; }) ==
          "unable to read the authorization token as protobuf: a string is not UTF-8");
}

TEST_CASE("authorization token: fields of later versions are skipped") {
    auto message = base58_decode(test::token_by_alias).value();
    message += "\xf2\x12\x03new"; // field 302
    CHECK(decode_authorization_token(base58_encode(message)).has_value());
}

TEST_CASE("authorization token: old servers' tokens without expiration decode and do not count as "
          "expired") {
    auto authorization = complete();
    authorization.expiration.reset();
    const auto decoded = decode_authorization_token(encode_authorization_token(authorization));
    REQUIRE(decoded.has_value());
    CHECK_FALSE(decoded->expiration);
    CHECK(check_not_expired(*decoded, wall_now()).has_value());
}

TEST_CASE("authorization token: one that ends in the year 9999 decodes, and ends as late as can be "
          "reckoned") {
    // A Timestamp of 253402300799 seconds, in the place of the one that was encoded.
    std::string later("\x08\xff\x82\xd1\xff\xaf\x07");
    const auto time = decode_timestamp(later);
    REQUIRE(time);
    CHECK(*time == last_time);
    auto authorization = complete();
    authorization.expiration = parse_rfc3339("9999-12-31T23:59:59Z");
    const auto decoded = decode_authorization_token(encode_authorization_token(authorization));
    REQUIRE(decoded.has_value());
    CHECK(decoded->expiration == last_time);
    CHECK(check_not_expired(*decoded, wall_now()).has_value());
}

TEST_CASE("authorization token: expiry is its own question") {
    const auto authorization = complete();
    CHECK(check_not_expired(authorization, *authorization.expiration - 1ns).has_value());
    const auto expired = check_not_expired(authorization, *authorization.expiration);
    REQUIRE_FALSE(expired.has_value());
    CHECK(expired.error().code == Errc::session_over);
    CHECK(expired.error().hop == Hop::expiry);
    CHECK(expired.error().message == "session s_1234567890 expired at 2026-11-24T08:29:59Z");
}
