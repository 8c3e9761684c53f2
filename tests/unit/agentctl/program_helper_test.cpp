// The helpers as the real agentctl runs them: what is printed before, what a program finds, exit
// codes, and what their mistakes are called. The programs are stand-ins that tell what they got.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

using namespace agentctl::test;
using agent::Json;

namespace {

// Prints its words, the variables that helpers set, and each file that either names.
constexpr const char* stand_in = R"sh(#!/bin/sh
printf 'words'; for a in "$@"; do printf ' [%s]' "$a"; done; echo
env | grep -E '^(PG|SSHPASS|REDISCLI|KUBECONFIG|BOUNDARY_PROXIED_PORT)' | sort
for a in "$@" "$PGPASSFILE" "${KUBECONFIG%%:*}"; do
  f=$(printf '%s' "$a" | grep -o '/dev/fd/[0-9]*') || continue
  echo "mode $(stat -L -c %a "$f")";
cat "$f"; echo
done
exit 7
)sh";

Json a_credential(const std::string& type, Json members) {
    Json one;
    one["credential_source"] = {{"id", "credup_1"},
                                {"credential_store_id", "csst_1"},
                                {"type", "static"},
                                {"credential_type", type}};
    one["secret"] = {{"raw", "cmF3"}, {"decoded", members}};
    one["credential"] = std::move(members);
    return one;
}

struct HelperWorld {
    RuntimeDir dir;
    ScriptedAgent agent{dir.path()};
    agent::test::TempDir programs;

    explicit HelperWorld(Json credentials = Json::array()) {
        agent.on("Connect", [=](const ipc::Call&, const ScriptedAgent::Caller& caller) {
            Json reply = {{"proxy", a_proxy()}};
            if (!credentials.empty()) reply["credentials"] = credentials;
            caller.reply(reply);
        });
        agent.on("Attach", [this](const ipc::Call&, const ScriptedAgent::Caller& caller) {
            caller.reply({{"proxy", a_proxy()}}, true);
            while (!caller.gone() && !agent.stopping()) {
            }
        });
        agent.answer("Disconnect", {{"proxy", a_proxy()}, {"session_canceled", true}});
        for (const char* name : {"psql", "mysql", "mongosh", "cqlsh", "redis-cli", "kubectl",
                                 "curl", "xfreerdp3", "ssh"}) {
            programs.file(name, stand_in);
            std::filesystem::permissions(programs / name, std::filesystem::perms::owner_all);
        }
    }
    Program run(std::vector<std::string> words, agent::test::Environment more = {}) {
        more["PATH"] = programs.path().string() + ":/usr/bin:/bin";
        Program program(dir, std::move(words), std::move(more));
        exit = program.await_exit();
        return program;
    }
    int exit = -1;
};

const Json login = a_credential("username_password", {{"username", "ann"}, {"password", "p w"}});

} // namespace

TEST_CASE("helpers: each program finds its secret where it looks for it, and its status is ours") {
    HelperWorld world(Json::array({login}));
    const auto psql = world.run({"connect", "postgres", "-target-id", "ttcp_1", "-dbname", "app"},
                                {{"PGPASSWORD", "other"}, {"PGHOSTADDR", "192.0.2.1"}});
    CHECK(world.exit == 7);
    CHECK(psql.err.empty());
    CHECK(psql.out.starts_with("words [-p] [4711] [-h] [127.0.0.1] [-d] [app] [-U] [ann]\n"
                               "BOUNDARY_PROXIED_PORT=4711\nPGPASSFILE=/dev/fd/"));
    CHECK(psql.out.find("mode 600\n*:*:*:*:p w\n") != std::string::npos);
    CHECK(psql.out.find("PGPASSWORD") == std::string::npos);
    CHECK(psql.out.find("PGHOSTADDR") == std::string::npos);

    const auto mysql = world.run({"connect", "mysql", "x", "-dbname", "app", "--", "-e", "x"});
    CHECK(mysql.out.starts_with("words [--defaults-file=/dev/fd/"));
    CHECK(mysql.out.find("] [-e] [x] [-P] [4711]") != std::string::npos);
    CHECK(mysql.out.find("mode 600\n[client]\npassword=\"p w\"\n") != std::string::npos);

    const auto mongo = world.run({"connect", "mongo", "x", "-dbname", "app"});
    CHECK(mongo.out.find("words [--eval] [load(\"/dev/fd/") != std::string::npos);
    CHECK(mongo.out.find("mode 600\n") != std::string::npos);
    CHECK(mongo.out.find(R"((["app","ann","p w"]);)") != std::string::npos);

    const auto cqlsh = world.run({"connect", "cassandra", "x", "-keyspace", "k"});
    CHECK(cqlsh.out.find("mode 600\n[PlainTextAuthProvider]\npassword = p w\n") !=
          std::string::npos);

    const auto redis = world.run({"connect", "redis", "x"});
    CHECK(redis.out.find("[--user] [ann]\n") != std::string::npos);
    CHECK(redis.out.find("REDISCLI_AUTH=p w\n") != std::string::npos);
    CHECK(world.agent.calls("Disconnect").size() == 5);
}

TEST_CASE("helpers: kubectl finds the token, rdp the address") {
    HelperWorld world(Json::array({a_credential("password", {{"password", "tok"}})}));
    const auto kube = world.run({"connect", "kube", "x", "--", "get", "pods"});
    CHECK(kube.out.starts_with("words [get] [pods] [--tls-server-name] [10.0.0.1] [--server] "
                               "[https://127.0.0.1:4711] [--user] [agentctl]\n"));
    CHECK(kube.out.find(R"("token":"tok")") != std::string::npos);
    const auto rdp = world.run({"connect", "rdp", "x"});
    CHECK(rdp.out.find("words [/v:127.0.0.1:4711]\n") != std::string::npos);
}

TEST_CASE("helpers: credentials that no program was given are printed before it starts, as a table "
          "or as one line; what it was given is in neither") {
    const Json other = a_credential("json", {{"color", "blue"}});
    HelperWorld world(Json::array({login, other}));
    const auto table = world.run({"connect", "postgres", "x", "-dbname", "app"});
    CHECK(table.out.starts_with("\n  Credentials:\n"));
    CHECK(table.out.find("blue") < table.out.find("words"));
    CHECK(table.out.find("username") == std::string::npos);
    const auto json = world.run({"connect", "postgres", "x", "-dbname", "app", "-format", "json"});
    CHECK(json.out.starts_with(agent::dump_json(Json{{"credentials", Json::array({other})}}) +
                               "\nwords "));
}

TEST_CASE("connect: brokered credentials are printed with the listening information, as a table as "
          "well as in JSON, with the reference's labels") {
    HelperWorld world(Json::array({login}));
    const auto table = world.run({"connect", "x", "-exec", "true"});
    CHECK(world.exit == 0);
    INFO(table.out);
    CHECK(table.out.find("\n  Credentials:\n    Credential Source ID:  credup_1\n"
                         "    Credential Store ID:   csst_1\n"
                         "    Credential Store Type: static\n"
                         "    Credential Type:       username_password\n    Secret:\n"
                         "      username:            ann\n"
                         "      password:            p w\n") != std::string::npos);
    CHECK(table.out.starts_with("\nProxy listening information:\n"));
    const auto json = world.run({"connect", "x", "-detach", "-format", "json"});
    CHECK(agent::parse_json(json.out)->at("credentials").at(0) == login);
}

TEST_CASE("helpers: a proxy with -keep and a name goes on when the program has ended") {
    HelperWorld world;
    const auto psql =
        world.run({"connect", "postgres", "x", "-keep", "-name", "pg", "-listen-port", "4711"});
    CHECK(world.exit == 7);
    CHECK(psql.out.starts_with("words "));
    CHECK(world.agent.calls("Disconnect").empty());
    CHECK(agent::dump_json(world.agent.calls("Connect").at(0)) ==
          R"({"cluster":{},"target":"x","name":"pg","listen_port":4711,"keep":true})");
}

TEST_CASE("helpers: a program that is missing is named, exit code 2, and no proxy stays") {
    HelperWorld world;
    std::filesystem::remove(world.programs / "cqlsh");
    const auto missing = world.run({"connect", "cassandra", "x"});
    CHECK(world.exit == 2);
    CHECK(missing.err == "Failed to run command: fork/exec cqlsh: no such file or directory. "
                         "Install it, or name another program with -exec.\n");
    CHECK(world.agent.calls("Disconnect").size() == 1);
}

TEST_CASE("helpers: what cannot be used ends the proxy: 2 for words, 3 for credentials that cannot "
          "be read") {
    HelperWorld hostile(
        Json::array({a_credential("username_password", {{"username", "-o"}, {"password", "x"}})}));
    CHECK(hostile.run({"connect", "postgres", "x"}).err.starts_with("Failed to collect args: "));
    CHECK(hostile.exit == 2);
    CHECK(hostile.agent.calls("Disconnect").size() == 1);
    HelperWorld nameless(Json::array({Json{{"secret", {{"raw", "x"}}}}}));
    CHECK(nameless.run({"connect", "ssh", "x"}).err.starts_with("Error interpreting secret"));
    CHECK(nameless.exit == 3);
}

TEST_CASE("helpers: an authorization token brings no credentials, so none are used or printed") {
    HelperWorld world;
    const auto redis =
        world.run({"connect", "redis", "-authz-token", "env://TOKEN"}, {{"TOKEN", "tok"}});
    CHECK(world.exit == 7);
    CHECK(redis.out == "words [-h] [127.0.0.1] [-p] [4711]\nBOUNDARY_PROXIED_PORT=4711\n");
    CHECK(agent::dump_json(world.agent.calls("Connect").at(0)) ==
          R"({"cluster":{},"authorization_token":"tok"})");
    world.run({"connect", "redis", "-target-id", "ttcp_1", "-authz-token", "env://TOKEN"},
              {{"TOKEN", "tok"}});
    CHECK(world.exit == 3);
}

TEST_CASE("helpers: their flags have the reference's variables") {
    HelperWorld world;
    const auto [words, variables, said] =
        GENERATE(table<std::vector<std::string>, agent::test::Environment, std::string>(
            {{{"postgres"},
              {{"BOUNDARY_CONNECT_DBNAME", "app"}, {"BOUNDARY_CONNECT_USERNAME", "bob"}},
              "[-p] [4711] [-h] [127.0.0.1] [-d] [app] [-U] [bob]"},
             {{"postgres", "-username", "eve"},
              {{"BOUNDARY_CONNECT_USERNAME", "bob"}},
              "[-p] [4711] [-h] [127.0.0.1] [-U] [eve]"},
             {{"mongo"},
              {{"BOUNDARY_CONNECT_MONGO_AUTHENTICATION_DATABASE", "admin"}},
              "[--port] [4711] [--host] [127.0.0.1] [--authenticationDatabase] [admin]"},
             {{"cassandra"}, {{"BOUNDARY_CONNECT_KEYSPACE", "k"}}, "[-k] [k] [127.0.0.1] [4711]"},
             {{"http"},
              {{"BOUNDARY_CONNECT_HTTP_HOST", "web"},
               {"BOUNDARY_CONNECT_HTTP_PATH", "a"},
               {"BOUNDARY_CONNECT_HTTP_METHOD", "PUT"},
               {"BOUNDARY_CONNECT_HTTP_SCHEME", "http"}},
              "[-X] [PUT] [-H] [Host: web] [--resolve] [web:4711:127.0.0.1] [http://web:4711/a]"},
             {{"kube"},
              {{"BOUNDARY_CONNECT_KUBE_HOST", "k8s"}},
              "[--tls-server-name] [k8s] [--server] [https://127.0.0.1:4711]"},
             {{"ssh"}, {{"BOUNDARY_CONNECT_SSH_STYLE", "redis-cli"}}, ""}}));
    std::vector<std::string> all{"connect"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"-target-id", "ttcp_1"});
    const auto ran = world.run(all, variables);
    CHECK(ran.out.starts_with("words" + (said.empty() ? "" : " " + said) + "\n"));
}

TEST_CASE("helpers: a wrong flag of one speaks about that one") {
    HelperWorld world;
    const auto wrong = world.run({"connect", "postgres", "x", "-keyspace", "k"});
    CHECK(world.exit == 3);
    CHECK(wrong.err == "flag provided but not defined: -keyspace. `agentctl connect postgres -h` "
                       "shows the flags of connect postgres.\n");
}

TEST_CASE("helpers: an unknown one is named as that, and all are listed") {
    HelperWorld world;
    const auto words =
        GENERATE(std::vector<std::string>{"-target-id", "ttcp_1"},
                 std::vector<std::string>{"-username", "ann"},
                 std::vector<std::string>{"web.example"}, std::vector<std::string>{"--", "-v"});
    std::vector<std::string> all{"connect", "telnet"};
    all.insert(all.end(), words.begin(), words.end());
    const auto unknown = world.run(all);
    CHECK(world.exit == 3);
    CHECK(unknown.err.find("there is no helper \"telnet\" (there are cassandra, http, kube, mongo, "
                           "mysql, postgres, rdp, redis, ssh)") != std::string::npos);
    CHECK(world.agent.calls("Connect").empty());
}

TEST_CASE("helpers: the help of ssh has an example that runs a remote command") {
    HelperWorld world;
    const auto help = world.run({"connect", "ssh", "-h"});
    CHECK(world.exit == 0);
    CHECK(help.out.find("agentctl connect ssh -target-id ttcp_1234567890 -remote-command "
                        "hostname\n") != std::string::npos);
    CHECK(help.out.find("What follows -- comes before the host's name") != std::string::npos);
    const auto ssh = world.run({"connect", "ssh", "x", "--", "hostname"});
    CHECK(ssh.out.starts_with("words [hostname] [-p] [4711]")); // as recorded
}

TEST_CASE("connect: -inactive-timeout takes a number for seconds, and the platform's default for "
          "none") {
    HelperWorld world;
    const auto [text, sent] = GENERATE(table<std::string, int>(
        {{"90", 90'000}, {"2m", 120'000}, {"system", 0}, {"-1", 0}, {"0", 0}}));
    world.run({"connect", "x", "-detach", "-inactive-timeout", text});
    CHECK(world.exit == 0);
    CHECK(world.agent.calls("Connect").at(0).value("inactive_timeout_ms", 0) == sent);
    world.run({"connect", "x", "-detach", "-inactive-timeout", "soon"});
    CHECK(world.exit == 3);
}
