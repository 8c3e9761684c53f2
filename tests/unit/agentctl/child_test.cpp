#include "agentctl/child.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

namespace {

ipc::Proxy listening_at(const std::string& address) {
    ipc::Proxy proxy;
    proxy.address = address;
    proxy.port = 4711;
    return proxy;
}

} // namespace

TEST_CASE("templates: ip, port and addr are replaced, with at most one space inside the braces") {
    auto [text, filled] = GENERATE(table<std::string, std::string>({
        {"{{boundary.ip}}", "127.0.0.1"},
        {"{{ boundary.port }}", "4711"},
        {"{{boundary.addr }}", "127.0.0.1:4711"},
        {"{{ boundary.addr}}", "127.0.0.1:4711"},
        {"http://{{boundary.addr}}/{{boundary.port}}?{{boundary.port}}",
         "http://127.0.0.1:4711/4711?4711"},
        {"{{  boundary.ip}}", "{{  boundary.ip}}"},
        {"{{boundary.other}} {boundary.ip}", "{{boundary.other}} {boundary.ip}"},
        {"", ""},
    }));
    CHECK(agentctl::fill_templates(text, listening_at("127.0.0.1")) == filled);
}

TEST_CASE("templates: an IPv6 address gets brackets only beside its port") {
    CHECK(agentctl::fill_templates("{{boundary.ip}} {{boundary.addr}}", listening_at("::1")) ==
          "::1 [::1]:4711");
}

TEST_CASE("child: a program that does not exist is an error that names it") {
    const auto child = agentctl::Child::start({"/nonexistent/program"}, listening_at("127.0.0.1"));
    REQUIRE(child.has_error());
    CHECK(child.error().message == "running /nonexistent/program: no such file or directory");
    CHECK(agent::exit_code(child.error().code) == 2);
}
