// What agentctl asks the agent for, what it prints, and its exit codes.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

using namespace agentctl::test;
using agent::Json;

namespace {

Json json(const std::string& text) {
    return *agent::parse_json(text);
}

} // namespace

TEST_CASE("program: no command or half of one prints help to standard error, exit code 1; an "
          "unknown one 127, as recorded") {
    const RuntimeDir dir;
    const auto [words, code, shown] = GENERATE(table<std::vector<std::string>, int, std::string>({
        {{}, 1, "\nType-Specific Commands:\n"},
        {{"nosuch"}, 127, "\nType-Specific Commands:\n"},
        {{"targets"}, 1, "\n    authorize-session "},
        {{"targets", "nosuch"}, 1, "\n    authorize-session "},
        {{"targets", "create"}, 1, "\n    create ssh "},
        {{"targets", "create", "nosuch"}, 1, "\n    create ssh "},
        {{"clusters"}, 1, "\n  clusters add "},
        {{"update"}, 1, "agentctl update ttcp_"},
    }));
    Program program(dir, words);
    CHECK(program.await_exit() == code);
    CHECK(program.out.empty());
    CHECK(program.err.find(shown) != std::string::npos);
}

TEST_CASE("program: -h prints help to standard output, exit code 0") {
    const RuntimeDir dir;
    const auto words =
        GENERATE(std::vector<std::string>{"-h"}, std::vector<std::string>{"targets", "--help"},
                 std::vector<std::string>{"targets", "list", "-help"},
                 std::vector<std::string>{"connect", "-h"});
    Program program(dir, words);
    CHECK(program.await_exit() == 0);
    CHECK(program.out.starts_with("Usage: agentctl"));
    CHECK(program.err.empty());
}

TEST_CASE("program: bad usage is exit code 3 and reaches no agent") {
    const RuntimeDir dir;
    auto [words, message] = GENERATE(table<std::vector<std::string>, std::string>({
        {{"sessions", "list", "-nosuch"}, "flag provided but not defined: -nosuch\n"},
        {{"logout", "-token", "env://X"}, "flag provided but not defined: -token\n"},
        {{"authenticate", "-login-name", "x"}, "flag provided but not defined: -login-name\n"},
        {{"targets", "list", "-token", "at_1_s1raw"},
         "-token must not hold the secret itself. Give env://NAME or file://PATH.\n"},
        {{"targets", "authorize-session"},
         "ID was not passed in, but no combination of name and scope ID/name was passed in "
         "either\n"},
        {{"targets", "read"}, "ID is required but not passed in via -id\n"},
        {{"connect"},
         "nothing to connect to: give an alias, -target-id, -target-name or -authz-token\n"},
        {{"connect", "x", "-authz-token", "y"},
         "-authz-token already names the target: give no other\n"},
        {{"connect", "x", "-target-name", "y"},
         "give either the target's id or its name, not both\n"},
        {{"connect", "-target-name", "y"},
         "-target-name needs -target-scope-id or -target-scope-name\n"},
        {{"connect", "x", "-listen-port", "65536"}, "-listen-port must be from 0 to 65535\n"},
        {{"connect", "x", "-exec", "y", "-detach"},
         "-detach leaves nobody to run a command: give no -exec with it\n"},
        {{"status", "-format", "xml"}, "invalid value \"xml\" for flag -format: table or json\n"},
        {{"status", "more"}, "unexpected argument: more\n"},
    }));
    Program program(dir, words);
    CHECK(program.await_exit() == 3);
    CHECK(program.out.empty());
    CHECK(program.err == message);
}

TEST_CASE("program: the flags and variables of the reference become the request's cluster") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.answer("List", {{"status_code", 200}, {"items", nullptr}});
    Program program(dir,
                    {"sessions", "list", "-recursive", "-include-terminated", "-addr",
                     "https://c:9200", "--tls-insecure", "-token=env://TOK", "-filter",
                     "\"/item/type\" == \"tcp\""},
                    {{"TOK", "at_1_s1x"},
                     {"BOUNDARY_ADDR", "http://other"},
                     {"BOUNDARY_TLS_SERVER_NAME", "name"},
                     {"BOUNDARY_CACERT", "/ca.pem"},
                     {"BOUNDARY_CLIENT_TIMEOUT", "5"},
                     {"BOUNDARY_CLI_FORMAT", "json"}});
    CHECK(program.await_exit() == 0);
    CHECK(program.out == "{\"status_code\":200,\"items\":null}\n");
    REQUIRE(agent.calls("List").size() == 1);
    CHECK(
        agent.calls("List")[0] ==
        json(
            R"({"cluster":{"address":"https://c:9200","ca_cert":"/ca.pem","tls_server_name":"name","tls_insecure":true,
                              "token":"at_1_s1x","timeout_ms":5000},
                   "resource":"sessions","recursive":true,"filter":"\"/item/type\" == \"tcp\"","include_terminated":true})"));
}

TEST_CASE(
    "program: a token in BOUNDARY_TOKEN itself is used with a warning that does not show it") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.answer("List", {{"status_code", 200}});
    Program program(dir, {"scopes", "list"}, {{"BOUNDARY_TOKEN", "at_1_s1x"}});
    CHECK(program.await_exit() == 0);
    CHECK(program.out == "No child scopes found\n");
    CHECK(program.err.find("deprecated") != std::string::npos);
    CHECK(program.err.find("at_1") == std::string::npos);
    CHECK(agent.calls("List").at(0) ==
          json(R"({"cluster":{"token":"at_1_s1x"},"resource":"scopes","scope_id":"global"})"));
}

TEST_CASE("program: the controller's error is exit code 1, one of our own 2, a bad authorization "
          "token 3") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.on("Read", [](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        caller.fail("ControllerError",
                    json(R"({"hop":"controller","message":"GET: 404","hint":"","status_code":404,
                                                "body":{"kind":"NotFound","message":"Resource not found."}})"));
    });
    Program refused(dir, {"targets", "read", "-id", "ttcp_1", "-format", "json"});
    CHECK(refused.await_exit() == 1);
    CHECK(
        refused.err ==
        "{\"context\":\"Error from controller when performing read on target\",\"status_code\":404,"
        "\"api_error\":{\"kind\":\"NotFound\",\"message\":\"Resource not found.\"}}\n");

    agent.on("Read", [](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        caller.fail(
            "ControllerUnreachable",
            json(
                R"({"hop":"controller","message":"dial 127.0.0.1:1: connection refused","hint":"Is it running?"})"));
    });
    Program unreachable(dir, {"auth-tokens", "read", "-id", "at_1"});
    CHECK(unreachable.await_exit() == 2);
    CHECK(
        unreachable.err ==
        "Error trying to read auth token: dial 127.0.0.1:1: connection refused. Is it running?\n");

    agent.on("Connect", [](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        caller.fail("InvalidAuthorization",
                    json(R"({"hop":"local","message":"not base58: '_'","hint":""})"));
    });
    Program bad(dir, {"proxy", "-authz", "not_base58"});
    CHECK(bad.await_exit() == 3);
    CHECK(bad.err == "Error decoding session authorization data: not base58: '_'\n");
}

TEST_CASE(
    "program: a password login is stored, printed without a keyring, and never stored with JSON") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    const Json item =
        json(R"({"attributes":{"account_id":"acctpw_1","auth_method_id":"ampw_1","token":"at_1_s1x",
        "expiration_time":"2026-01-09T03:04:05Z","user_id":"u_1"},"command":"login"})");
    agent.on("Authenticate", [&](const ipc::Call& call, const ScriptedAgent::Caller& caller) {
        caller.reply({{"status_code", 200}, {"item", item}, {"stored", call.parameters["store"]}});
    });
    const std::vector<std::string> login{"authenticate", "password", "-auth-method-id", "ampw_1",
                                         "-login-name",  "ann",      "-password",       "env://PW"};
    Program stored(dir, login, {{"PW", "s3cret"}});
    CHECK(stored.await_exit() == 0);
    CHECK(stored.out.ends_with("  User ID:         u_1\n\nThe token name \"default\" was "
                               "successfully stored in the chosen "
                               "keyring and is not displayed here.\n"));
    CHECK(
        agent.calls("Authenticate").at(0) ==
        json(
            R"({"cluster":{},"auth_method_id":"ampw_1","login_name":"ann","password":"s3cret","store":true})"));

    auto without = login;
    without.insert(without.end(), {"-keyring-type", "none"});
    Program printed(dir, without, {{"PW", "s3cret"}});
    CHECK(printed.await_exit() == 0);
    CHECK(printed.out.ends_with("  User ID:         u_1\nat_1_s1x\n"));
    CHECK(printed.err == "\nStoring the token in a keyring was disabled. The token is:\nPlease be "
                         "sure to store it safely!\n");
    CHECK_FALSE(agent.calls("Authenticate").at(1)["store"].get<bool>());

    auto as_json = login;
    as_json.push_back("-format=json");
    Program raw(dir, as_json, {{"PW", "s3cret"}});
    CHECK(raw.await_exit() == 0);
    CHECK(raw.out == "{\"status_code\":200,\"item\":" + agent::dump_json(item) + "}\n");
    CHECK_FALSE(agent.calls("Authenticate").at(2)["store"].get<bool>());
}

TEST_CASE("program: plain authenticate takes everything from the environment, and says what is "
          "missing without a terminal") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.answer("Authenticate",
                 {{"status_code", 200}, {"item", Json::object()}, {"stored", true}});
    Program login(dir, {"authenticate", "-scope-id", "o_1"},
                  {{"BOUNDARY_AUTHENTICATE_PASSWORD_LOGIN_NAME", "ann"},
                   {"BOUNDARY_AUTHENTICATE_PASSWORD_PASSWORD", "pw"}});
    CHECK(login.await_exit() == 0);
    CHECK(
        agent.calls("Authenticate").at(0) ==
        json(R"({"cluster":{},"scope_id":"o_1","login_name":"ann","password":"pw","store":true})"));
    Program nobody(dir, {"authenticate", "password", "-login-name", "ann"});
    CHECK(nobody.await_exit() == 3);
    CHECK(nobody.err.starts_with("no password: standard input is no terminal"));
}

TEST_CASE("program: ids may come as a word, and cancel passes a version on") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.answer("AuthorizeSession",
                 {{"status_code", 200}, {"item", json(R"({"session_id":"s_1"})")}});
    agent.answer("CancelSession", {{"status_code", 200}, {"item", json(R"({"id":"s_1"})")}});
    agent.answer("Delete", {{"status_code", 204}});
    Program authorized(
        dir, {"targets", "authorize", "ssh.example", "-host-id", "hst_1", "-format", "json"});
    CHECK(authorized.await_exit() == 0);
    CHECK(authorized.out == "{\"status_code\":200,\"item\":{\"session_id\":\"s_1\"}}\n");
    CHECK(agent.calls("AuthorizeSession").at(0) ==
          json(R"({"cluster":{},"target":"ssh.example","host_id":"hst_1"})"));
    Program canceled(dir, {"sessions", "cancel", "-id", "s_1", "-version", "3", "-format", "json"});
    CHECK(canceled.await_exit() == 0);
    CHECK(agent.calls("CancelSession").at(0) == json(R"({"cluster":{},"id":"s_1","version":3})"));
    Program deleted(dir, {"auth-tokens", "delete", "-id", "self", "-format", "json"});
    CHECK(deleted.await_exit() == 0);
    CHECK(deleted.out == "{\"status_code\":204}\n");
}

TEST_CASE("program: version needs no agent") {
    const RuntimeDir dir;
    Program program(dir, {"version"});
    CHECK(program.await_exit() == 0);
    CHECK(program.out.starts_with("\nVersion information:\n  Version Number:      "));
}

TEST_CASE("program: watch prints an event a line until it is interrupted") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.on("Watch", [](const ipc::Call& call, const ScriptedAgent::Caller& caller) {
        CHECK(call.more);
        caller.reply({{"event",
                       {{"time", "2026-01-02T03:04:05Z"},
                        {"kind", "proxy-started"},
                        {"message", "on 4711"},
                        {"proxy", a_proxy()}}}},
                     true);
    });
    Program program(dir, {"watch"});
    program.await_output("Fri, 02 Jan 2026 03:04:05 UTC  proxy-started  pg  on 4711\n");
    program.send_signal(SIGINT);
    CHECK(program.await_exit() == 0);
}
