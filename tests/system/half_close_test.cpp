// Programs that send everything, shut their side and wait for the answer, through a worker that
// refuses, resets and loses handshakes: Boundary has no half-close, and nobody may notice either.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"
#include "support/ssh_server.hpp"

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t question_bytes = 300'000;
const std::vector<std::string> bad_worker{"-worker-fault",
                                          "refuse=20,reset=10,lose-early,delay=50"};

/// Answers once the whole question is there, twice as long as it was; whoever cut the connection at
/// the client's EOF would get nothing.
void answer_twice(int fd) {
    const auto question = receive_exactly(fd, question_bytes);
    send_all(fd, question + question);
}

} // namespace

TEST_CASE("half-close: nc -N gets its whole answer, ten times, from behind a worker that fails a "
          "third of handshakes") {
    LoopbackServer target(answer_twice);
    DevEnvironment world({.server_flags = bad_worker, .target_port = target.port()});
    world.login();
    const auto port =
        std::to_string(world.connect_detached({"-target-id", target_id}).at("port").get<int>());
    std::string question(question_bytes, 'q');
    for (std::size_t i = 0; i < question.size(); ++i) question[i] = static_cast<char>('a' + i % 23);
    world.folder().file("question", question);
    const std::string file = world.folder().path() / "question";
    for (int i = 0; i < 10; ++i) {
        const auto ended =
            run_program({"/bin/sh", "-c", "nc.openbsd -N 127.0.0.1 " + port + " < " + file},
                        {.environment = world.environment}, 30s);
        CHECK(ended.exit == 0);
        CHECK((ended.out == question + question));
    }
    CHECK(world.proxies().at(0).at("connections_failed") == 0);
}

TEST_CASE("half-close: ssh host command < file, from behind the same worker") {
    SshServer sshd;
    DevEnvironment world({.server_flags = bad_worker, .target_port = sshd.port()});
    world.login();
    const auto port =
        std::to_string(world.connect_detached({"-target-id", target_id}).at("port").get<int>());
    world.folder().file("input", std::string(1'000'000, 'x'));
    std::string command = "/usr/bin/ssh";
    for (const auto& word : sshd.client_options()) command += " " + word;
    command += " -p " + port + " " + sshd.destination() + " wc -c < " +
               (world.folder().path() / "input").string();
    for (int i = 0; i < 3; ++i) {
        const auto ended =
            run_program({"/bin/sh", "-c", command}, {.environment = world.environment}, 60s);
        INFO(ended.err);
        CHECK(ended.exit == 0);
        CHECK(ended.out == "1000000\n");
    }
    CHECK(world.proxies().at(0).at("connections_failed") == 0);
}
