// agentctl nc and connect -stdio: standard input and output as a connection, alone and under a real
// ssh and scp.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/ssh_server.hpp"

#include <atomic>
#include <csignal>
#include <random>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::string random_text(std::size_t size) {
    std::string text(size, '\0');
    std::mt19937 numbers(7);
    for (auto& byte : text) byte = static_cast<char>(numbers());
    return text;
}

/// Reads so much, gives it back and closes: a worker cannot tell a target that its client has sent
/// all.
std::function<void(int)> give_back(std::size_t size) {
    return [size](int fd) { send_all(fd, receive_exactly(fd, size)); };
}

struct TargetWorld {
    LoopbackServer target;
    DevEnvironment world{{.target_port = target.port()}};

    explicit TargetWorld(std::function<void(int)> serve) : target(std::move(serve)) {
        world.login();
    }
    Process start_nc(std::string input, std::vector<std::string> more = {}) {
        std::vector<std::string> words{AGENTCTL_PROGRAM, "nc", "-target-id", target_id};
        words.insert(words.end(), more.begin(), more.end());
        return Process(words, {.environment = world.environment, .input = std::move(input)});
    }
};

/// ssh and scp whose connection is made by agentctl.
struct SshThroughStdio {
    SshServer sshd;
    DevEnvironment world{{.target_port = sshd.port()}};

    SshThroughStdio() { world.login(); }
    std::vector<std::string> command(const std::string& program, bool fdpass) const {
        std::vector<std::string> words{"/usr/bin/" + program};
        const auto options = sshd.client_options();
        words.insert(words.end(), options.begin(), options.end());
        const std::string proxy = std::string(AGENTCTL_PROGRAM) + " connect -target-id %h -stdio";
        words.insert(words.end(), {"-o", "ProxyCommand=" + proxy + (fdpass ? " -fdpass" : ""), "-o",
                                   std::string("ProxyUseFdpass=") + (fdpass ? "yes" : "no")});
        return words;
    }
    std::string destination() const {
        const auto user = sshd.destination();
        return user.substr(0, user.find('@') + 1) + target_id;
    }
    Process ssh(bool fdpass, const std::string& remote) const {
        auto words = command("ssh", fdpass);
        words.insert(words.end(), {destination(), remote});
        return Process(words, {.environment = world.environment});
    }
};

} // namespace

TEST_CASE("stdio: what goes in comes back, nothing else is printed, and the input's end is not the "
          "answer's") {
    const std::string bytes = random_text(3'000'001);
    TargetWorld it(give_back(bytes.size()));
    const auto file = it.world.folder().file("input", bytes);
    const std::string command =
        std::string("exec ") + AGENTCTL_PROGRAM + " nc -target-id " + target_id;
    const auto ended = run_program({"/bin/sh", "-c", command + " <" + file.string()},
                                   {.environment = it.world.environment}, 60s);
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK((ended.out == bytes));
    CHECK(ended.err.empty());
}

TEST_CASE("stdio: a target that speaks first is heard without any input, and its end is our end") {
    TargetWorld it([](int fd) { send_all(fd, "goodbye\n"); });
    const auto ended = it.world.agentctl({"connect", "-target-id", target_id, "-stdio"}, 30s);
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out == "goodbye\n");
}

TEST_CASE("stdio: ten at once share one session, which ends soon after the last") {
    TargetWorld it(give_back(7));
    std::vector<Process> many;
    for (int i = 0; i < 10; ++i)
        many.push_back(it.start_nc("hello " + std::to_string(i), {"-inactive-timeout", "1s"}));
    for (int i = 0; i < 10; ++i) {
        const auto ended = many[static_cast<std::size_t>(i)].wait(30s);
        INFO(ended.err);
        CHECK(ended.exit == 0);
        CHECK(ended.out == "hello " + std::to_string(i));
    }
    const auto sessions = it.world.agentctl_json(
        {"sessions", "list", "-scope-id", project_id, "-include-terminated"});
    REQUIRE(sessions.at("items").size() == 1);
    CHECK(eventually([&] { return it.world.proxies().empty(); }, 30s));
    const auto id = sessions.at("items").at(0).at("id").get<std::string>();
    const auto status =
        it.world.agentctl_json({"sessions", "read", "-id", id}).at("item").at("status");
    CHECK((status == "canceling" || status == "terminated"));
}

TEST_CASE("stdio: a running proxy of the same target is used, and stays") {
    TargetWorld it(give_back(5));
    it.world.connect_detached({"-target-id", target_id, "-name", "mine"});
    CHECK(it.start_nc("hello").wait(30s).out == "hello");
    REQUIRE(it.world.proxies().size() == 1);
    CHECK(it.world.proxies()[0].at("name") == "mine");
    CHECK(it.world.proxies()[0].at("connections_total") == 1);
}

TEST_CASE("stdio: a dead target, an unknown one and a missing login are named on standard error, "
          "with the exit code") {
    DevEnvironment world{{.target_port = refusing_port()}};
    const auto anonymous = world.agentctl({"nc", "-target-id", target_id});
    INFO(anonymous.err);
    CHECK(anonymous.exit == 1);
    CHECK(anonymous.err.find("Unauthenticated") != std::string::npos);

    world.login();
    const auto dead = world.agentctl({"nc", "-target-id", target_id});
    INFO(dead.err);
    CHECK(dead.exit == 2);
    CHECK(dead.out.empty());
    CHECK(dead.err.find("could not connect to the target") != std::string::npos);

    const auto unknown = world.agentctl({"nc", "-target-id", "ttcp_nosuchtarg"});
    CHECK(unknown.exit == 1);
    CHECK(unknown.out.empty());

    const auto no_socket = world.agentctl({"nc", "-target-id", target_id, "-fdpass"});
    CHECK(no_socket.exit == 3);
    CHECK(no_socket.err.find("ProxyUseFdpass") != std::string::npos);
}

TEST_CASE("stdio: what fails in another connection of the same proxy is not told as the reason of "
          "this one's end") {
    std::atomic<bool> finish = false;
    TargetWorld it([&](int fd) {
        send_all(fd, receive_exactly(fd, 6));
        eventually([&] { return finish.load(); }, 60s);
    });
    Process good({AGENTCTL_PROGRAM, "nc", "-target-id", target_id},
                 {.environment = it.world.environment, .input = "hello\n", .keep_input = true});
    REQUIRE(good.wait_for("hello\n", 30s));
    it.target.refuse();
    const auto bad = it.world.agentctl({"nc", "-target-id", target_id});
    INFO(bad.err);
    CHECK(bad.exit == 2);
    CHECK(bad.err.find("could not connect to the target") != std::string::npos);
    REQUIRE(it.world.proxies().size() == 1);
    CHECK(it.world.proxies()[0].at("connections_failed") == 1);

    finish = true;
    const auto ended = good.wait(30s);
    CHECK(ended.exit == 0);
    CHECK(ended.err.empty());
}

TEST_CASE("stdio: killed, it takes its connection with it") {
    TargetWorld it(serve_echo);
    Process nc({AGENTCTL_PROGRAM, "nc", "-target-id", target_id},
               {.environment = it.world.environment, .input = "hello\n", .keep_input = true});
    REQUIRE(nc.wait_for("hello\n", 30s));
    CHECK(it.world.proxies().at(0).at("connections_open") == 1);
    nc.signal(SIGTERM);
    CHECK(nc.wait(10s).exit == 128 + SIGTERM);
    CHECK(eventually([&] { return it.world.proxies().at(0).at("connections_open") == 0; }, 30s));
}

TEST_CASE("stdio: ssh runs through it as ProxyCommand, and with the socket handed over agentctl "
          "has gone") {
    const bool fdpass = GENERATE(false, true);
    SshThroughStdio it;
    // The remote side looks for agentctl among the children of the ssh that asked: it is this
    // machine.
    auto ssh = it.ssh(fdpass, "ps -eo ppid=,comm=; echo over; exit 5");
    const auto ended = ssh.wait(60s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 5);
    CHECK(ended.out.find("over\n") != std::string::npos);
    const auto child = ended.out.find(" " + std::to_string(ssh.pid()) + " agentctl\n");
    const auto sibling = ended.out.find("\n" + std::to_string(ssh.pid()) + " agentctl\n");
    CHECK((child != std::string::npos || sibling != std::string::npos) == !fdpass);

    std::vector<Process> many;
    for (int i = 0; i < 4; ++i) many.push_back(it.ssh(fdpass, "echo over"));
    for (auto& one : many) CHECK(one.wait(60s).out == "over\n");
    CHECK(it.world.proxies().size() == 1);
}

TEST_CASE("stdio: scp carries 20 MB unharmed") {
    const bool fdpass = GENERATE(false, true);
    SshThroughStdio it;
    const auto source = it.world.folder().file("source", random_text(20'000'000));
    const auto copy = it.world.folder() / "copy";
    auto words = it.command("scp", fdpass);
    words.insert(words.end(), {source, it.destination() + ":" + copy.string()});
    const auto ended = run_program(words, {.environment = it.world.environment}, 60s);
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK((read_text(copy) == read_text(source)));
}
