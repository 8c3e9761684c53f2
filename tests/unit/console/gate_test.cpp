#include "console/gate.hpp"

#include "support/catch.hpp"

#include <string>

namespace http = boost::beast::http;

namespace {

console::Gate a_gate() {
    return console::Gate(4242, agent::Secret("entry-token"), agent::Secret("cookie-value"));
}

console::HttpRequest request(const std::string& target, http::verb method = http::verb::get) {
    console::HttpRequest made(method, target, 11);
    made.set(http::field::host, "127.0.0.1:4242");
    return made;
}

console::HttpRequest with_cookie(const std::string& target, http::verb method = http::verb::get) {
    auto made = request(target, method);
    made.set(http::field::cookie, "other=1; agent_console_4242=cookie-value");
    if (method != http::verb::get) made.set(http::field::origin, "http://127.0.0.1:4242");
    return made;
}

unsigned status(console::Gate& gate, const console::HttpRequest& asked) {
    const auto refusal = gate.judge(asked);
    return refusal ? refusal->result_int() : 0;
}

} // namespace

TEST_CASE(
    "gate: the one-time token is exchanged for a cookie that scripts and other sites cannot use") {
    auto gate = a_gate();
    const auto welcome = gate.judge(request("/?token=entry-token"));
    REQUIRE(welcome);
    CHECK(welcome->result_int() == 303);
    CHECK(std::string((*welcome)[http::field::location]) == "/");
    CHECK(std::string((*welcome)[http::field::set_cookie]) ==
          "agent_console_4242=cookie-value; Path=/; HttpOnly; SameSite=Strict");
    CHECK(status(gate, with_cookie("/")) == 0);
    CHECK(status(gate, with_cookie("/v1/scopes", http::verb::post)) == 0);
}

TEST_CASE("gate: the token opens once; who has the cookie already is led on") {
    auto gate = a_gate();
    CHECK(status(gate, request("/?token=entry-token")) == 303);
    CHECK(status(gate, request("/?token=entry-token")) == 403);
    const auto again = gate.judge(with_cookie("/?token=entry-token"));
    REQUIRE(again);
    CHECK(again->result_int() == 303);
    CHECK(again->count(http::field::set_cookie) == 0);
}

TEST_CASE("gate: a wrong token or cookie opens nothing, and does not use the token up") {
    auto gate = a_gate();
    for (const char* target :
         {"/?token=", "/?token=entry-toke", "/?token=entry-token2", "/?token=xxxxx-xxxxx", "/",
          "/v1/scopes", "/agent/status", "/console.js"})
        CHECK(status(gate, request(target)) == 403);
    auto wrong = request("/");
    for (const char* cookie : {"agent_console_4242=", "agent_console_4242=cookie-valuE",
                               "agent_console_4243=cookie-value",
                               "xagent_console_4242=cookie-value", ";;;", "agent_console_4242"}) {
        wrong.set(http::field::cookie, cookie);
        CHECK(status(gate, wrong) == 403);
    }
    CHECK(status(gate, request("/?token=entry-token")) == 303);
}

TEST_CASE("gate: a name that leads to loopback is refused, also with the cookie (DNS rebinding)") {
    auto gate = a_gate();
    for (const char* host : {"localhost:4242", "evil.example:4242", "127.0.0.1", "127.0.0.1:4243",
                             "", "127.0.0.1:4242.evil.example"}) {
        auto rebound = with_cookie("/v1/scopes");
        rebound.set(http::field::host, host);
        CHECK(status(gate, rebound) == 421);
    }
    auto none = with_cookie("/");
    none.erase(http::field::host);
    CHECK(status(gate, none) == 421);
    auto two = with_cookie("/");
    two.insert(http::field::host, "evil.example");
    CHECK(status(gate, two) == 421);
}

TEST_CASE("gate: another page's requests are refused, also with the cookie (CSRF)") {
    auto gate = a_gate();
    for (const char* origin :
         {"http://evil.example", "null", "http://127.0.0.1:9200", "https://127.0.0.1:4242", ""}) {
        auto foreign = with_cookie("/agent/logout", http::verb::post);
        foreign.set(http::field::origin, origin);
        CHECK(status(gate, foreign) == 403);
    }
    auto unsaid = with_cookie("/agent/logout", http::verb::post);
    unsaid.erase(http::field::origin);
    CHECK(status(gate, unsaid) == 403);
    for (const char* site : {"cross-site", "same-site"}) {
        auto foreign = with_cookie("/v1/scopes");
        foreign.set("Sec-Fetch-Site", site);
        CHECK(status(gate, foreign) == 403);
    }
    auto own = with_cookie("/v1/scopes");
    own.set("Sec-Fetch-Site", "same-origin");
    CHECK(status(gate, own) == 0);
}
