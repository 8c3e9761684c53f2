// Clients of agentd's socket that misbehave: each is answered or cut, and the next one is served.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"

#include <sys/socket.h>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

struct Client {
    agent::UniqueFd fd;

    explicit Client(const std::string& path) : fd(connect_local(path)) { REQUIRE(fd); }
    /// One message; empty when the agent hung up instead.
    std::string receive() {
        std::string text;
        for (char c = 0; ::recv(fd.get(), &c, 1, 0) == 1;) {
            if (c == '\0') return text;
            text += c;
        }
        return {};
    }
    std::string ask(const std::string& message) {
        send_all(fd.get(), message + '\0');
        return receive();
    }
};

struct Agent {
    DevEnvironment world{{.start_server = false}};
    std::string socket = world.agentctl_json({"status"}).at("socket").get<std::string>();
    pid_t pid = world.agent_pid();

    /// The same process still answers.
    void check_alive() { CHECK(world.agent_pid() == pid); }
};

const std::string status_call = R"({"method":"org.agentd.Agent.Status","parameters":{}})";

} // namespace

TEST_CASE("varlink: a message that is too long is cut off, not collected") {
    Agent agent;
    Client client(agent.socket);
    const std::string piece(1 << 20, 'x');
    bool cut = false;
    for (int i = 0; i < 64 && !cut; ++i) cut = !send_all(client.fd.get(), piece);
    CHECK(cut);
    agent.check_alive();
}

TEST_CASE("varlink: what is not UTF-8, not JSON or too deeply nested is refused") {
    Agent agent;
    const std::string deep = R"({"method":"org.agentd.Agent.Status","parameters":)" +
                             std::string(5000, '[') + std::string(5000, ']') + "}";
    for (const std::string& message :
         {std::string("{\"method\":\"\xff\xfe\"}"), std::string("hello"), std::string(), deep,
          std::string("[]"), std::string(R"({"method":5})")}) {
        Client client(agent.socket);
        const auto answer = client.ask(message);
        INFO(message.substr(0, 60) << " -> " << answer);
        CHECK((answer.empty() ||
               answer.find("\"error\"") != std::string::npos)); // answered, or hung up on
        CHECK(Client(agent.socket).ask(status_call).find("\"version\"") != std::string::npos);
    }
    agent.check_alive();
}

TEST_CASE(
    "varlink: unknown methods and wrong parameters are typed errors on a connection that goes on") {
    Agent agent;
    Client client(agent.socket);
    CHECK(client.ask(R"({"method":"org.agentd.Agent.NoSuch"})")
              .find("org.varlink.service.MethodNotFound") != std::string::npos);
    CHECK(client.ask(R"({"method":"org.nosuch.X"})").find("org.varlink.service.") !=
          std::string::npos);
    CHECK(client.ask(R"({"method":"org.agentd.Agent.Disconnect","parameters":{"name":5}})")
              .find("org.varlink.service.InvalidParameter") != std::string::npos);
    CHECK(client.ask(R"({"method":"org.agentd.Agent.Disconnect","parameters":{"name":"nosuch"}})")
              .find("org.agentd.Agent.ProxyNotFound") != std::string::npos);
    CHECK(client.ask(R"({"method":"org.agentd.Agent.Watch"})")
              .find("org.varlink.service.ExpectedMore") != std::string::npos);
    CHECK(client.ask(status_call).find("\"version\"") != std::string::npos);
}

TEST_CASE("varlink: clients that say nothing, or stop in the middle of a message, hold up nobody") {
    Agent agent;
    std::vector<Client> silent;
    for (int i = 0; i < 20; ++i) silent.emplace_back(agent.socket);
    for (auto& client : silent) send_all(client.fd.get(), R"({"method":"org.agen)");
    const auto begin = std::chrono::steady_clock::now();
    CHECK(Client(agent.socket).ask(status_call).find("\"version\"") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begin < 8s);
    agent.check_alive();
}

TEST_CASE("varlink: socket and folder are for their owner only") {
    Agent agent;
    using std::filesystem::perms;
    CHECK(std::filesystem::status(agent.socket).permissions() ==
          (perms::owner_read | perms::owner_write));
    CHECK(
        std::filesystem::status(std::filesystem::path(agent.socket).parent_path()).permissions() ==
        perms::owner_all);
}
