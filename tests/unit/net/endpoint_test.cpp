#include "net/endpoint.hpp"
#include "support/catch.hpp"

using namespace agent;
using net::parse_endpoint;

TEST_CASE("endpoint: names, IPv4 and bracketed IPv6 are read and written back") {
    for (const char* text :
         {"worker.example.org:9202", "10.0.0.7:1", "[::1]:65535", "[fe80::1]:22"}) {
        INFO(text);
        const auto endpoint = parse_endpoint(text);
        REQUIRE(endpoint.has_value());
        CHECK(endpoint->text() == text);
    }
    CHECK(parse_endpoint("[::1]:22")->host == "::1");
}

TEST_CASE("endpoint: a missing port is filled in only where there is a default") {
    CHECK(parse_endpoint("worker", 9202)->text() == "worker:9202");
    CHECK(parse_endpoint("::1", 9202)->text() == "[::1]:9202");
    CHECK(parse_endpoint("[::1]", 9202)->text() == "[::1]:9202");
    CHECK(parse_endpoint("worker:22", 9202)->port == 22);
    CHECK(parse_endpoint("worker").error().message == "address \"worker\": no port");
}

TEST_CASE("endpoint: an error says what is wrong") {
    const auto why = [](const char* text) { return parse_endpoint(text, 9202).error().message; };
    CHECK(why("") == "address \"\": no host");
    CHECK(why(":22") == "address \":22\": no host");
    CHECK(why("host:") == "address \"host:\": the port is no number from 1 to 65535");
    CHECK(why("host:65536") == "address \"host:65536\": the port is no number from 1 to 65535");
    CHECK(why("host:22x") == "address \"host:22x\": the port is no number from 1 to 65535");
    CHECK(why("host:0") == "address \"host:0\": port 0 cannot be dialled");
    CHECK(why("[::1:22") == "address \"[::1:22\": the bracket is not closed");
    CHECK(why("[host]:22") == "address \"[host]:22\": no IPv6 address between the brackets");
    CHECK(why("[::1]22") == "address \"[::1]22\": only a port may follow the bracket");
    CHECK(why("a:b:22") == "address \"a:b:22\": IPv6 with a port needs brackets");
    CHECK(why("ho st:22") == "address \"ho st:22\": a host cannot contain that");
}

TEST_CASE("endpoint: only names count as host names") {
    CHECK(net::is_host_name("worker.example.org"));
    CHECK_FALSE(net::is_host_name("127.0.0.1"));
    CHECK_FALSE(net::is_host_name("::1"));
}
