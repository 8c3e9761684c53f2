// The foreground of a proxy: who ends what when signals, commands, proxies and the agent itself
// come and go.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <csignal>
#include <optional>

using namespace agentctl::test;
using agent::Json;

namespace {

// A ScriptedAgent with one proxy that lives until somebody ends it.
class ProxyAgent : public ScriptedAgent {
  public:
    explicit ProxyAgent(const RuntimeDir& dir, Json proxy = a_proxy())
        : ScriptedAgent(dir.path()), proxy_(std::move(proxy)) {
        on("Connect", [this](const ipc::Call&, const Caller& caller) {
            caller.reply({{"progress", "authorizing"}}, true);
            eventually([this] { return may_connect.load(); });
            caller.reply({{"proxy", proxy_}});
        });
        on("Attach", [this](const ipc::Call&, const Caller& caller) { follow(caller); });
        on("Disconnect", [this](const ipc::Call&, const Caller& caller) {
            ended = true;
            caller.reply({{"proxy", proxy_}, {"session_canceled", true}});
        });
    }
    ~ProxyAgent() { stop(); }
    bool disconnected() const { return !calls("Disconnect").empty(); }

    std::atomic<bool> may_connect = true, ended = false;
    std::atomic<int> connections_left = -1;
    std::string reason; // set before `ended`

  private:
    void follow(const Caller& caller) {
        Json now = proxy_;
        caller.reply({{"proxy", now}}, true);
        for (int left = -1; !ended && !stopping();) {
            if (caller.gone()) return;
            if (connections_left == left) continue;
            left = connections_left;
            now["connections_left"] = left;
            caller.reply({{"proxy", now}}, true);
        }
        if (!ended) return;
        now["state"] = "ended";
        now["reason"] = reason;
        caller.reply({{"proxy", now}});
    }
    Json proxy_;
};

const std::string listening =
    "\nProxy listening information:\n  Address:             127.0.0.1\n"
    "  Connection Limit:    -1\n  Expiration:          Fri, 02 Jan 2026 11:04:05 UTC\n"
    "  Port:                4711\n  Protocol:            tcp\n  Session ID:          "
    "s_abcdefghij\n";
const std::string shut_down = "\nTermination information:\n  Reason:   Received shutdown signal\n";

} // namespace

TEST_CASE("connect: SIGINT or SIGTERM ends the proxy and says so, exit code 0") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    const int number = GENERATE(SIGINT, SIGTERM);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-listen-port", "4711",
                          "-inactive-timeout", "1m"});
    program.await_output(listening);
    program.send_signal(number);
    CHECK(program.await_exit() == 0);
    CHECK(program.out == listening + shut_down);
    CHECK(program.err.empty());
    CHECK(agent.disconnected());
    CHECK(agent::dump_json(agent.calls("Connect").at(0)) ==
          R"({"cluster":{},"target":"ttcp_1","listen_port":4711,"inactive_timeout_ms":60000})");
}

TEST_CASE("connect: when the terminal closes, agentctl leaves and the proxy lives on; attach comes "
          "back to it") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "ssh.example"});
    program.await_output(listening);
    program.send_signal(SIGHUP);
    CHECK(program.await_exit() == 0);
    CHECK(program.out == listening);
    CHECK_FALSE(agent.disconnected());

    Program back(dir, {"attach", "pg", "-no-stop"});
    back.await_output(listening);
    back.send_signal(SIGINT);
    CHECK(back.await_exit() == 0);
    CHECK_FALSE(agent.disconnected());

    Program again(dir, {"attach", "pg"});
    again.await_output(listening);
    again.send_signal(SIGINT);
    CHECK(again.await_exit() == 0);
    CHECK(agent.disconnected());
}

TEST_CASE("connect: an interrupt while the session is being authorized leaves no proxy behind") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    agent.may_connect = false;
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-format", "json"});
    eventually([&] { return !agent.calls("Connect").empty(); });
    program.send_signal(SIGINT);
    agent.may_connect = true;
    CHECK(program.await_exit() == 0);
    CHECK(program.out.ends_with("{\"termination_reason\":\"Received shutdown signal\"}\n"));
    CHECK(agent.disconnected());
}

TEST_CASE("connect: a proxy that ends by itself gives its reason") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-format", "json"});
    program.await_output("\n");
    agent.reason = "the session was canceled";
    agent.ended = true;
    CHECK(program.await_exit() == 0);
    CHECK(program.out ==
          "{\"address\":\"127.0.0.1\",\"port\":4711,\"protocol\":\"tcp\",\"expiration\":"
          "\"2026-01-02T11:04:05.25Z\",\"connection_limit\":-1,\"session_id\":\"s_abcdefghij\"}\n"
          "{\"termination_reason\":\"the session was canceled\"}\n");
    CHECK_FALSE(agent.disconnected());
}

TEST_CASE("connect: a limited session shows each change of what is left") {
    const RuntimeDir dir;
    Json limited = a_proxy();
    limited["connection_limit"] = 3;
    limited["connections_left"] = 3;
    ProxyAgent agent(dir, limited);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-format", "json"});
    agent.connections_left = 2;
    program.await_output("\n{\"connections_left\":2}\n");
    agent.connections_left = 1;
    program.await_output("\n{\"connections_left\":2}\n{\"connections_left\":1}\n");
    program.send_signal(SIGTERM);
    CHECK(program.await_exit() == 0);
}

TEST_CASE("connect: -detach prints the block with the proxy's name and returns") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-detach"});
    CHECK(program.await_exit() == 0);
    CHECK(program.out.find("  Name:                pg\n") != std::string::npos);
    CHECK(agent.calls("Attach").empty());
    CHECK_FALSE(agent.disconnected());
}

TEST_CASE("connect: the authorization token comes from standard input, bare or inside JSON") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    const std::string input =
        GENERATE("TOKEN\n", "{\"authorization_token\":\"TOKEN\"}",
                 "{\"status_code\":200,\"item\":{\"authorization_token\":\"TOKEN\"}}\n");
    Program program(dir, {"connect", "-authz-token", "-", "-detach"}, {}, input);
    CHECK(program.await_exit() == 0);
    CHECK(agent::dump_json(agent.calls("Connect").at(0)) ==
          R"({"cluster":{},"authorization_token":"TOKEN"})");
}

TEST_CASE("connect: a command beside the proxy gets its address, and its status is the exit code") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-exec", "sh", "--", "-c",
                          "echo $BOUNDARY_PROXIED_IP $BOUNDARY_PROXIED_PORT $BOUNDARY_PROXIED_ADDR "
                          "{{boundary.addr}}; exit 7"});
    CHECK(program.await_exit() == 7);
    CHECK(program.out == listening + "127.0.0.1 4711 127.0.0.1:4711 127.0.0.1:4711\n");
    CHECK(program.err.empty());
    CHECK(agent.disconnected());
}

TEST_CASE("connect: SIGTERM goes to the command, whose end ends the proxy") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-exec", "sh", "--", "-c",
                          "trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.02; done"});
    program.await_output("up\n");
    program.send_signal(SIGTERM);
    CHECK(program.await_exit() == 9);
    CHECK(program.out == listening + "up\nbye\n");
    CHECK(agent.disconnected());
}

TEST_CASE("connect: when the proxy ends first, the command gets SIGTERM") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-exec", "sh", "--", "-c",
                          "echo up; exec sleep 60"});
    program.await_output("up\n");
    agent.reason = "the session expired";
    agent.ended = true;
    CHECK(program.await_exit() == 255);
    CHECK(program.err == "The proxy has ended: the session expired\n");
}

TEST_CASE("connect: a command that cannot be run is exit code 2, and its proxy does not stay") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1", "-exec", "/nonexistent"});
    CHECK(program.await_exit() == 2);
    CHECK(program.err == "Failed to run command: exec: /nonexistent: no such file or directory\n");
    CHECK(agent.disconnected());
}

TEST_CASE(
    "connect ssh: runs ssh's program with the proxy's port and the target's name for known hosts") {
    const RuntimeDir dir;
    ProxyAgent agent(dir);
    Program program(
        dir, {"connect", "ssh", "ssh.example", "-username", "ann", "-exec", "echo", "--", "-v"});
    CHECK(program.await_exit() == 0);
    CHECK(program.out == "-v -p 4711 -o HostKeyAlias=ttcp_abcdefghij -l ann 127.0.0.1\n");
    CHECK(agent.disconnected());
}

TEST_CASE("connect: an agent that is killed and comes back finds agentctl still following") {
    const RuntimeDir dir;
    std::optional<ProxyAgent> agent(std::in_place, dir);
    Program program(dir, {"connect", "-target-id", "ttcp_1"});
    program.await_output(listening);
    eventually([&] { return !agent->calls("Attach").empty(); });
    agent.reset();
    agent.emplace(dir);
    eventually([&] { return !agent->calls("Attach").empty(); });
    program.send_signal(SIGINT);
    CHECK(program.await_exit() == 0);
    CHECK(program.out == listening + shut_down);
    CHECK(agent->disconnected());
}
