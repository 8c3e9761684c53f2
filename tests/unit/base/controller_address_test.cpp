#include "base/controller_address.hpp"
#include "support/catch.hpp"

using namespace agent;

TEST_CASE(
    "controller address: loopback is an address in numbers, never a name that looks like one") {
    for (const auto* host : {"127.0.0.1", "127.1.2.3", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1",
                             "::ffff:127.0.0.1"}) {
        INFO(host);
        CHECK(is_loopback_literal(host));
        CHECK_FALSE(is_localhost(host));
    }
    // Some resolvers take the shorter spellings for numbers, others ask for them as for names.
    for (const auto* host :
         {"127.evil.example", "127.0.0.1.evil.example", "127.0.0.1x", "127.1", "2130706433",
          "0x7f000001", "127.0.0.256", "128.0.0.1", "10.127.0.1", "0.0.0.0", "::", "::127.0.0.1",
          "fe80::1", "", "localhost.evil.example", "notlocalhost", "evil.example"}) {
        INFO(host);
        CHECK_FALSE(is_loopback_literal(host));
        CHECK_FALSE(is_localhost(host));
    }
    for (const auto* host : {"localhost", "LOCALHOST", "localhost.", "boundary.localhost"}) {
        INFO(host);
        CHECK(is_localhost(host));
        CHECK_FALSE(is_loopback_literal(host));
    }
}

TEST_CASE("controller address: a host is a name or an address, and nothing that changes what is "
          "printed or sent") {
    for (const auto* text :
         {"http://127.0.0.1:9200", "https://boundary.example.com", "http://[::1]:9200",
          "http://a_b", "http://[fe80::1%eth0]:9200", "https://bücher.example"}) {
        INFO(text);
        CHECK(parse_controller_address(text).has_value());
    }
    for (const auto* text :
         {"http://a\r\nX-Evil: 1", "http://a\tb", "http://a\\b", "http://a\x1b[2J", "http://<a>",
          "http://[a]:1", "http://[127.0.0.1]", "http://[::1]]:1", "http://user@a", "http://a b",
          "http://[::1%a/b]"}) {
        INFO(text);
        CHECK_FALSE(parse_controller_address(text).has_value());
    }
}
