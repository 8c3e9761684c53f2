// What CallApi sends, and what it refuses to send.

#include "agent/verbs/call_api.hpp"

#include "support/catch.hpp"

using agent::Errc;
using agent::Secret;
using agent::core::api_request;
using agent::core::ApiOptions;

namespace {

ApiOptions api_words(std::string operation, std::string collection, std::string id = {},
                     std::string action = {}) {
    ApiOptions options;
    options.operation = std::move(operation);
    options.collection = std::move(collection);
    options.id = std::move(id);
    options.action = std::move(action);
    return options;
}

} // namespace

TEST_CASE("call_api: each operation becomes its request, and only a get may be repeated") {
    const auto [options, line] = GENERATE(table<ApiOptions, std::string>({
        {api_words("get", "scopes", "o_1", "list-keys"), "GET /v1/scopes/o_1:list-keys"},
        {api_words("get", "billing", "", "monthly-active-users"),
         "GET /v1/billing:monthly-active-users"},
        {api_words("create", "groups"), "POST /v1/groups"},
        {api_words("create", "workers", "", "create:worker-led"),
         "POST /v1/workers:create:worker-led"},
        {api_words("update", "targets", "ttcp_1"), "PATCH /v1/targets/ttcp_1"},
        {api_words("delete", "targets", "ttcp_1"), "DELETE /v1/targets/ttcp_1"},
        {api_words("action", "groups", "g_1", "add-members"), "POST /v1/groups/g_1:add-members"},
        {api_words("action", "scopes", "", "rotate-keys"), "POST /v1/scopes:rotate-keys"},
        {api_words("update", "targets", "a b%?#"), "PATCH /v1/targets/a%20b%25%3F%23"},
    }));
    const auto request = api_request(options);
    REQUIRE(request.has_value());
    CHECK(request->method + " " + request->path == line);
    CHECK(request->repeatable == (request->method == "GET"));
}

TEST_CASE("call_api: the query is encoded, and a body travels as it is") {
    ApiOptions options = api_words("create", "scopes");
    options.query = {{"skip_admin_role_creation", "true"}, {"x&y", "a b#\r\n"}};
    options.body = Secret(std::string(R"( {"name":"é"} )"));
    const auto request = api_request(options);
    REQUIRE(request.has_value());
    CHECK(request->path == "/v1/scopes?skip_admin_role_creation=true&x%26y=a%20b%23%0D%0A");
    CHECK(request->body.reveal() == R"( {"name":"é"} )");
}

TEST_CASE("call_api: other operations, words and ids, and what could climb, are not sent") {
    ApiOptions long_query = api_words("get", "targets");
    long_query.query = {{"filter", std::string(20000, 'a')}};
    ApiOptions no_object = api_words("create", "targets");
    no_object.body = Secret(std::string("[1]"));
    ApiOptions long_body = api_words("create", "targets");
    long_body.body = Secret("{" + std::string(2U << 20U, ' ') + "}");
    ApiOptions body_of_get = api_words("get", "targets", "t_1");
    body_of_get.body = Secret(std::string("{}"));
    for (const auto& refused : {api_words("", "targets"),
                                api_words("GET", "targets"),
                                api_words("put", "targets"),
                                api_words("get", ""),
                                api_words("get", "Targets"),
                                api_words("get", "targets/x"),
                                api_words("get", ".."),
                                api_words("get", "targets?x"),
                                api_words("get", "targets\r\nX: y"),
                                api_words("get", "-targets"),
                                api_words("get", std::string(100, 'a')),
                                api_words("update", "targets"),
                                api_words("delete", "targets"),
                                api_words("action", "targets"),
                                api_words("action", "targets", "t_1", "add/hosts"),
                                api_words("action", "targets", "t_1", "a:b:c"),
                                api_words("action", "targets", "t_1", "a:"),
                                api_words("action", "targets", "t_1", "add%68osts"),
                                api_words("update", "targets", ".."),
                                api_words("update", "targets", "."),
                                api_words("update", "targets", "t_1/../x"),
                                api_words("update", "auth-methods", "x:authenticate"),
                                api_words("update", "targets", "t\n1"),
                                api_words("update", "targets", std::string(600, 'a')),
                                long_query,
                                no_object,
                                long_body,
                                body_of_get}) {
        INFO(refused.operation << " " << refused.collection << " " << refused.id.substr(0, 40)
                               << " " << refused.action);
        const auto request = api_request(refused);
        REQUIRE_FALSE(request.has_value());
        CHECK(request.error().code == Errc::invalid_argument);
    }
}

TEST_CASE("call_api: what answers with a login is refused") {
    for (const char* action : {"authenticate", "authenticate:callback"}) {
        const auto request = api_request(api_words("action", "auth-methods", "ampw_1", action));
        REQUIRE_FALSE(request.has_value());
        CHECK(request.error().code == Errc::permission_denied);
    }
}

TEST_CASE("call_api: a body that is refused is not quoted") {
    ApiOptions options = api_words("create", "accounts");
    options.body = Secret(std::string("\"secret-one\""));
    const auto request = api_request(options);
    REQUIRE_FALSE(request.has_value());
    CHECK(request.error().message.find("secret-one") == std::string::npos);
}
