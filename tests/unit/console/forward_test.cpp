#include "agent/verbs/forward.hpp"

#include "support/catch.hpp"

using agent::Errc;
using agent::core::check_forward;
using agent::core::ForwardOptions;

namespace {
ForwardOptions options(std::string method, std::string path, std::string query = {}) {
    ForwardOptions made;
    made.method = std::move(method);
    made.path = std::move(path);
    made.query = std::move(query);
    return made;
}
} // namespace

TEST_CASE("forward: the API's own requests may go") {
    CHECK(check_forward(options("GET", "/v1/sessions",
                                "scope_id=global&recursive=true&filter=%22%2Fitem%2Fstatus%22")));
    CHECK(check_forward(options("POST", "/v1/sessions/s_1234567890:cancel")));
    CHECK(check_forward(options("PATCH", "/v1/targets/ttcp_1234567890")));
    CHECK(check_forward(options("DELETE", "/v1/aliases/alt_1234567890")));
}

TEST_CASE("forward: other methods, other paths and paths that climb or hide something may not") {
    for (const auto& refused : {options("PUT", "/v1/targets"),
                                options("get", "/v1/targets"),
                                options("CONNECT", "/v1/targets"),
                                options("", "/v1/x"),
                                options("GET", ""),
                                options("GET", "/"),
                                options("GET", "/v1"),
                                options("GET", "/v2/targets"),
                                options("GET", "v1/targets"),
                                options("GET", "http://evil.example/v1/targets"),
                                options("GET", "/v1/../metrics"),
                                options("GET", "/v1/./targets"),
                                options("GET", "/v1/%2e%2e/metrics"),
                                options("GET", "/v1//targets"),
                                options("GET", "/v1/targets?x"),
                                options("GET", "/v1/tar gets"),
                                options("GET", "/v1/targets\r\nX: y"),
                                options("GET", "/v1/targets", "a b"),
                                options("GET", "/v1/targets", "a\r\nX: y"),
                                options("GET", "/v1/targets", "a#b"),
                                options("GET", "/v1/" + std::string(3000, 'a')),
                                options("GET", "/v1/targets", std::string(20'000, 'a'))}) {
        INFO(refused.method << " " << refused.path.substr(0, 60));
        const auto outcome = check_forward(refused);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == Errc::invalid_argument);
    }
}

TEST_CASE("forward: a request whose answer is a login is refused") {
    for (const char* path : {"/v1/auth-methods/ampw_1234567890:authenticate",
                             "/v1/auth-methods/oidc:authenticate:callback"}) {
        const auto outcome = check_forward(options("POST", path));
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == Errc::permission_denied);
    }
}
