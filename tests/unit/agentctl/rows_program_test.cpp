// What the commands made of rows do beside sending their flags: versions, secrets, null, and the
// ways in which they refuse.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <atomic>

using namespace agentctl::test;
using agent::Json;

namespace {

Json body_of(const Json& call) {
    return *agent::parse_json(call.at("body").get<std::string>());
}

void answer_all(ScriptedAgent& agent) {
    agent.answer("Read", {{"status_code", 200}, {"item", {{"id", "x_1"}, {"version", 4}}}});
    agent.answer("CallApi", {{"status_code", 200}, {"body", {{"id", "x_1"}, {"version", 5}}}});
    agent.answer("Delete", {{"status_code", 204}});
}

void refuse(const ScriptedAgent::Caller& caller, int status) {
    caller.fail("ControllerError", {{"hop", "controller"},
                                    {"message", "no"},
                                    {"hint", ""},
                                    {"status_code", status},
                                    {"body", {{"kind", "NotFound"}, {"message", "no"}}}});
}

} // namespace

TEST_CASE(
    "rows program: a version that is not given is read first; what is given is sent as it is") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    answer_all(agent);
    Program read_first(dir, {"groups", "update", "-id", "g_1", "-name", "n", "-version", "0"});
    CHECK(read_first.await_exit() == 0);
    CHECK(agent.calls("Read").size() == 1);
    CHECK(body_of(agent.calls("CallApi").at(0)) == Json{{"name", "n"}, {"version", 4}});
    Program given(dir, {"groups", "update", "-id", "g_1", "-name", "n", "-version", "9"});
    CHECK(given.await_exit() == 0);
    CHECK(agent.calls("Read").size() == 1);
    CHECK(body_of(agent.calls("CallApi").at(1)) == Json{{"name", "n"}, {"version", 9}});
}

TEST_CASE("rows program: a version that changed in between is read once more, and only once") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    std::atomic<int> version = 4;
    agent.on("Read", [&](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        caller.reply({{"status_code", 200}, {"item", {{"id", "g_1"}, {"version", version++}}}});
    });
    agent.on("CallApi",
             [](const ipc::Call&, const ScriptedAgent::Caller& caller) { refuse(caller, 404); });
    Program program(dir, {"groups", "update", "-id", "g_1", "-name", "n"});
    CHECK(program.await_exit() == 1);
    REQUIRE(agent.calls("CallApi").size() == 2);
    CHECK(body_of(agent.calls("CallApi")[1])["version"] == 5);
    agent.answer("Read", {{"status_code", 200}, {"item", {{"id", "g_1"}, {"version", 7}}}});
    Program same(dir, {"groups", "update", "-id", "g_1", "-name", "n"});
    CHECK(same.await_exit() == 1);
    CHECK(agent.calls("CallApi").size() == 3);
}

TEST_CASE(
    "rows program: null clears, an empty text is not given, and one null empties a set list") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    answer_all(agent);
    Program clears(dir, {"targets", "update", "tcp", "-id", "ttcp_1", "-description", "null",
                         "-address", "null", "-name", "", "-default-client-port", "null"});
    CHECK(clears.await_exit() == 0);
    CHECK(body_of(agent.calls("CallApi").back()) ==
          Json{{"description", nullptr},
               {"address", nullptr},
               {"attributes", {{"default_client_port", nullptr}}},
               {"version", 4}});
    Program empties(dir, {"groups", "set-members", "-id", "g_1", "-member", "null"});
    CHECK(empties.await_exit() == 0);
    CHECK(body_of(agent.calls("CallApi").back()) == Json{{"member_ids", nullptr}, {"version", 4}});
    Program two(dir, {"groups", "set-members", "-id", "g_1", "-member", "null", "-member", "u_1"});
    CHECK(two.await_exit() == 0);
    CHECK(body_of(agent.calls("CallApi").back())["member_ids"] == Json::array({"null", "u_1"}));
}

TEST_CASE("rows program: an id alone finds its command and its type") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    answer_all(agent);
    Program update(dir, {"update", "ttcp_1", "-default-port", "0x16"});
    CHECK(update.await_exit() == 0);
    CHECK(agent.calls("CallApi").back()["collection"] == "targets");
    CHECK(body_of(agent.calls("CallApi").back())["attributes"]["default_port"] == 22);
    Program removed(dir, {"delete", "credup_1", "-format", "json"});
    CHECK(removed.await_exit() == 0);
    CHECK(removed.out == "{\"status_code\":204}\n");
    CHECK(agent.calls("Delete").back()["resource"] == "credentials");
    Program unknown(dir, {"read", "x\x1b[2J_1"});
    CHECK(unknown.await_exit() == 3);
    CHECK(unknown.err.find('\x1b') == std::string::npos);
}

TEST_CASE("rows program: bad words are told as recorded, and nobody is asked") {
    const RuntimeDir dir;
    const auto [words, code, said] = GENERATE(table<std::vector<std::string>, int, std::string>({
        {{"targets", "list", "-format", "yaml"}, 1, "Invalid output format: yaml\n"},
        {{"targets", "read", "-format", "json"}, 3, "ID is required but not passed in via -id\n"},
        {{"hosts", "list"},
         3,
         "HostCatalog ID must be passed in via -host-catalog-id or BOUNDARY_HOST_CATALOG_ID\n"},
        {{"hosts", "list", "-format", "json"},
         3,
         "{\"error\":\"HostCatalog ID must be passed in via -host-catalog-id or "
         "BOUNDARY_HOST_CATALOG_ID\"}\n"},
        {{"groups", "list", "-nosuch", "-format", "json"},
         3,
         "flag provided but not defined: -nosuch\n"},
        {{"targets", "authorize-session", "x", "-format", "yaml"},
         1,
         "Invalid output format: yaml\n"},
        {{"sessions", "cancel", "-nosuch", "-format", "json"},
         3,
         "flag provided but not defined: -nosuch\n"},
        {{"groups", "add-members", "-id", "g_1"}, 3, "No members supplied via -member\n"},
        {{"roles", "add-grants", "-id", "r_1", "-grant", "what=is this"},
         3,
         "Grant \"what=is this\" could not be parsed successfully: missing actions\n"},
        {{"accounts", "set-password", "-id", "acctpw_1", "-password", "hush"},
         3,
         "Password flag must be used with env:// or file:// syntax\n"},
        {{"targets", "create", "tcp", "-default-port", "many"},
         3,
         "Error parsing \"many\" of -default-port: not a whole number\n"},
        {{"host-catalogs", "create", "plugin", "-attributes", "{}", "-attr", "a=1"},
         3,
         "-attributes cannot be combined with -attr and its like\n"},
        {{"host-catalogs", "create", "plugin", "-num-attr", "a=x"},
         2,
         "Error evaluating attribute flags to: a: not a number\n"},
        {{"host-catalogs", "create", "plugin", "-attributes", "[]"},
         3,
         "-attributes is not a JSON object\n"},
    }));
    Program program(dir, words);
    CHECK(program.await_exit() == code);
    CHECK(program.out.empty());
    CHECK(program.err == said);
}

TEST_CASE(
    "rows program: without a terminal a missing password is an error that says what to give") {
    const RuntimeDir dir;
    Program program(dir, {"accounts", "set-password", "-id", "acctpw_1"});
    CHECK(program.await_exit() == 3);
    CHECK(program.err.find("-password env://NAME or file://PATH") != std::string::npos);
}

TEST_CASE("rows program: passwords come from variables and files, and errors do not quote them") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.on("CallApi",
             [](const ipc::Call&, const ScriptedAgent::Caller& caller) { refuse(caller, 400); });
    Program program(dir,
                    {"accounts", "create", "password", "-auth-method-id", "ampw_1", "-login-name",
                     "ann", "-password", "env://PW"},
                    {{"PW", " hush-hush\n"}});
    CHECK(program.await_exit() == 1);
    CHECK((program.out + program.err).find("hush") == std::string::npos);
    CHECK(program.err.starts_with(
        "Error from controller when performing create on password-type account\n"));
    CHECK(body_of(agent.calls("CallApi").at(0)) ==
          Json{{"auth_method_id", "ampw_1"},
               {"attributes", {{"login_name", "ann"}, {"password", "hush-hush"}}}});
}

TEST_CASE("rows program: -output-curl-string prints a command that holds no secret, and sends "
          "nothing") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    Program read(
        dir, {"targets", "read", "-id", "ttcp_1", "-output-curl-string", "-addr", "http://c:1"});
    CHECK(read.await_exit() == 0);
    CHECK(read.out == "curl -H \"Authorization: Bearer <token>\" -H \"Content-Type: "
                      "application/json\" 'http://c:1/v1/targets/ttcp_1'\n");
    Program create(dir,
                   {"accounts", "create", "password", "-auth-method-id", "ampw_1", "-login-name",
                    "o'neil", "-password", "env://PW", "-output-curl-string", "-addr",
                    "http://c:1"},
                   {{"PW", "hush"}});
    CHECK(create.await_exit() == 0);
    CHECK(create.out ==
          "curl -X POST -H \"Authorization: Bearer <token>\" -H \"Content-Type: application/json\" "
          "-d '{\"auth_method_id\":\"ampw_1\",\"attributes\":{\"login_name\":\"o'\\''neil\","
          "\"password\":\"***\"}}' 'http://c:1/v1/accounts'\n");
    CHECK(agent.calls("CallApi").empty());
}

TEST_CASE(
    "rows program: -recovery-config is refused with the alternative; flags of the reference's "
    "cache are welcome; an extra word is left out") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.answer("List", {{"status_code", 200}, {"items", nullptr}});
    Program recovery(dir, {"users", "list", "-recovery-config", "/x.hcl"});
    CHECK(recovery.await_exit() == 3);
    CHECK(recovery.err.find("Log in") != std::string::npos);
    CHECK(agent.calls("List").empty());
    Program cache(dir, {"users", "list", "-skip-cache-daemon", "extra", "-format", "json"});
    CHECK(cache.await_exit() == 0);
    CHECK(cache.out == "{\"status_code\":200,\"items\":null}\n");
    CHECK(cache.err.empty());
}

TEST_CASE("rows program: fields of an error are the flags they came from") {
    const RuntimeDir dir;
    ScriptedAgent agent(dir.path());
    agent.on("CallApi", [](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        const Json fields = Json::array({{{"name", "attributes.address"}, {"description", "bad"}},
                                         {{"name", "update_mask"}, {"description", "hidden"}}});
        caller.fail("ControllerError", {{"hop", "controller"},
                                        {"message", "no"},
                                        {"hint", ""},
                                        {"status_code", 400},
                                        {"body",
                                         {{"kind", "InvalidArgument"},
                                          {"message", "no"},
                                          {"details", {{"request_fields", fields}}}}}});
    });
    Program vault(dir, {"credential-stores", "create", "vault", "-vault-address", "x"});
    CHECK(vault.await_exit() == 1);
    CHECK(vault.err.find("\n    Name:              -vault-address\n") != std::string::npos);
    CHECK(vault.err.find("hidden") == std::string::npos);
}

TEST_CASE("rows program: what belongs to the reference's server is one sentence") {
    const RuntimeDir dir;
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"server", "-config", "x"}, {"database", "init"}, {"config", "encrypt"}}) {
        Program program(dir, words);
        CHECK(program.await_exit() == 3);
        CHECK(std::ranges::count(program.err, '\n') == 1);
    }
    Program token(dir, {"config", "get-token", "-keyring-type", "none"});
    CHECK(token.await_exit() == 2);
    CHECK(token.err == "No token could be discovered\n");
    Program given(dir, {"config", "get-token"}, {{"BOUNDARY_TOKEN", "at_1_s1x"}});
    CHECK(given.await_exit() == 0);
    CHECK(given.out == "at_1_s1x\n");
}
