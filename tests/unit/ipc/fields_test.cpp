#include "ipc/messages/agent_commands.hpp"
#include "ipc/messages/proxy_commands.hpp"
#include "support/catch.hpp"

using namespace ipc;

TEST_CASE("messages: a request comes out of JSON as it went in, empty members left out") {
    Connect::Request request;
    request.target = "ttcp_1234567890";
    request.cluster.emplace().token = Secret("at_x_y");
    request.listen_port = 2200;
    const Json json = to_json(request);
    CHECK(agent::dump_json(json) ==
          R"({"cluster":{"token":"at_x_y"},"target":"ttcp_1234567890","listen_port":2200})");
    Connect::Request back;
    REQUIRE(from_json(json, back));
    CHECK(back.target == request.target);
    CHECK(back.cluster->token == request.cluster->token);
    CHECK_FALSE(back.host_id.has_value());
}

TEST_CASE("messages: wrong types are refused with the member's path, unknown members are ignored") {
    auto [text, message] = GENERATE(table<std::string, std::string>({
        {R"({"cluster":{"address":7}})", "cluster.address must be a string"},
        {R"({"listen_port":"22"})", "listen_port must be a whole number"},
        {R"({"listen_port":1.5})", "listen_port must be a whole number"},
        {R"([])", "parameters must be an object"},
    }));
    auto json = agent::parse_json(text);
    REQUIRE(json);
    Connect::Request request;
    const auto status = from_json(*json, request);
    REQUIRE_FALSE(status);
    CHECK(status.error().message == message);

    Disconnect::Request missing;
    CHECK(from_json(Json::object(), missing).error().message == "name is missing");
    CHECK(from_json(*agent::parse_json(R"({"name":"pg","future":1})"), missing));
}
