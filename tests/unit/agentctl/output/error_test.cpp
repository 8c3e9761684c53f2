#include "agentctl/output/error.hpp"

#include "support/catch.hpp"

using namespace agentctl;

namespace {

agent::Error controller_error(int status, std::string body) {
    auto error = agent::fail(agent::Errc::controller_error, agent::Hop::controller,
                             "GET /v1/targets: 503 without a body");
    error.status = status;
    error.body = std::move(body);
    return error;
}

const Attempt attempt{"list on targets", "list targets"};

} // namespace

TEST_CASE("error: the controller's words as a table, with the fields it complains about under "
          "their flags' names") {
    CHECK(error_text(
              {controller_error(
                   400, R"({"kind":"InvalidArgument","op":"targets.List","message":"No.","details":{
        "wrapped_errors":[{"message":"inner","op":"x"}],
        "request_fields":[{"name":"attributes.login_name","description":"Too short."},{"name":"scope_id","description":"Bad."}]}})"),
               attempt},
              Format::table) == R"(Error from controller when performing list on targets

Error information:
  Kind:                InvalidArgument
  Message:             No.
  Operation:           targets.List
  Status:              400
  context:             Error from controller when performing list on targets

  Wrapped Errors:
    Message:           inner
    Operation:         x

  Field-specific Errors:
    Name:              -login-name
      Error:           Too short.
    Name:              -scope-id
      Error:           Bad.
)");
}

TEST_CASE("error: the controller's words as JSON are its own object") {
    CHECK(error_text({controller_error(404, R"({"kind":"NotFound","message":"No."})"), attempt},
                     Format::json) ==
          "{\"context\":\"Error from controller when performing list on "
          "targets\",\"status_code\":404,"
          "\"api_error\":{\"kind\":\"NotFound\",\"message\":\"No.\"}}\n");
}

TEST_CASE("error: a missing login is the controller's refusal, and says how one logs in") {
    auto error = controller_error(403, R"({"kind":"PermissionDenied","message":"Forbidden."})");
    error.code = agent::Errc::login_needed;
    error.hint = "there is no login for http://c: agentctl login work";
    const std::string table = error_text(agentctl::Failure{error, attempt}, Format::table);
    CHECK(table.find("  Message:             Forbidden.\n") != std::string::npos);
    CHECK(table.ends_with("\nthere is no login for http://c: agentctl login work\n"));
    CHECK(error_text(agentctl::Failure{error, attempt}, Format::json) ==
          "{\"context\":\"Error from controller when performing list on targets\","
          "\"status_code\":403,"
          "\"api_error\":{\"kind\":\"PermissionDenied\",\"message\":\"Forbidden.\"},"
          "\"hint\":\"there is no login for http://c: agentctl login work\"}\n");
    CHECK(agent::exit_code(error) == 1);
}

TEST_CASE("error: a wrong password has the shape and the exit code that scripts know") {
    auto error =
        controller_error(401, R"({"kind":"Unauthenticated","message":"Unable to authenticate."})");
    error.code = agent::Errc::authentication_failed;
    error.hint = "check the login name and the password";
    CHECK(error_text(agentctl::Failure{error, attempt}, Format::table)
              .ends_with("\n" + error.hint + "\n"));
    CHECK(error_text(agentctl::Failure{error, attempt}, Format::json).find("hint") ==
          std::string::npos);
    CHECK(agent::exit_code(error) == 1);
}

TEST_CASE("error: an empty body leaves the status and what the agent knows") {
    const std::string table = error_text({controller_error(503, ""), attempt}, Format::table);
    CHECK(table.find("  Message:             GET /v1/targets: 503 without a body\n  Status:        "
                     "      503\n") != std::string::npos);
    CHECK(table.find("Kind") == std::string::npos);
}

TEST_CASE("error: one of our own is a sentence with the next step") {
    const auto error =
        agent::fail(agent::Errc::controller_unreachable, agent::Hop::controller,
                    "dial 127.0.0.1:1: connection refused", "Is the controller running?");
    CHECK(error_text({error, attempt}, Format::table) ==
          "Error trying to list targets: dial 127.0.0.1:1: connection refused. Is the controller "
          "running?\n");
    CHECK(error_text({error, attempt}, Format::json) ==
          "{\"error\":\"Error trying to list targets: dial 127.0.0.1:1: "
          "connection refused. Is the controller running?\"}\n");
}

TEST_CASE("error: a bad authorization token is said to be one") {
    CHECK(error_text({agent::fail(agent::Errc::invalid_authorization, agent::Hop::local,
                                  "not base58 at '_'"),
                      attempt},
                     Format::table) ==
          "Error decoding session authorization data: not base58 at '_'\n");
}

TEST_CASE("error: what a peer put into a message steers no terminal and hides nothing, and is JSON "
          "as it was") {
    const std::string text = "no \xE2\x80\xAE\xC2\x9B\x1B[2J"
                             "answer\nnext";
    const auto error = agent::fail(agent::Errc::controller_protocol, agent::Hop::controller, text);
    const Attempt attempt{"read on targets", "read"};
    CHECK(error_text({error, attempt}, Format::table) ==
          "Error trying to read: no \xEF\xBF\xBD  [2Janswer\nnext\n");
    CHECK(error_text({error, attempt}, Format::json).find("\xE2\x80\xAE") != std::string::npos);
}
