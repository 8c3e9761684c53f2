// Real sshd, ssh and scp through the proxy.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/ssh_server.hpp"

#include <csignal>
#include <fstream>
#include <random>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t hundred_megabytes = 100'000'000;

std::filesystem::path make_file(const TempDir& folder, std::size_t size) {
    const auto path = folder / "source";
    std::ofstream out(path, std::ios::binary);
    std::mt19937_64 numbers(size);
    std::string block(1 << 20, '\0');
    while (size > 0) {
        for (std::size_t i = 0; i < block.size(); i += 8) {
            const auto number = numbers();
            std::copy_n(reinterpret_cast<const char*>(&number), 8, block.data() + i);
        }
        const auto part = std::min(size, block.size());
        out.write(block.data(), static_cast<std::streamsize>(part));
        size -= part;
    }
    return path;
}

std::string hash_of(const std::filesystem::path& path) {
    const auto ended = run_program({"/usr/bin/sha256sum", path}, {});
    REQUIRE(ended.exit == 0);
    return ended.out.substr(0, 64);
}

struct SshWorld {
    SshServer sshd;
    DevEnvironment world{{.target_port = sshd.port()}};
    std::string port;

    SshWorld() {
        world.login();
        port = std::to_string(world.connect_detached({"-target-id", target_id, "-name", "ssh"})
                                  .at("port")
                                  .get<int>());
    }
    std::vector<std::string> command(const std::string& program,
                                     const std::string& port_flag) const {
        std::vector<std::string> words{"/usr/bin/" + program};
        const auto options = sshd.client_options();
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(), {port_flag, port});
        return words;
    }
    Process start_scp(const std::filesystem::path& from, const std::filesystem::path& to) const {
        auto words = command("scp", "-P");
        words.insert(words.end(), {from, sshd.destination() + ":" + to.string()});
        return Process(words, {.environment = world.environment});
    }
};

} // namespace

TEST_CASE("ssh: a command runs on the other side, ten at once as well") {
    SshWorld it;
    auto words = it.command("ssh", "-p");
    words.insert(words.end(), {it.sshd.destination(), "echo over; exit 5"});
    const auto ended = run_program(words, {.environment = it.world.environment});
    INFO(ended.err);
    CHECK(ended.exit == 5);
    CHECK(ended.out == "over\n");

    std::vector<Process> many;
    for (int i = 0; i < 10; ++i)
        many.emplace_back(words, Process::Options{.environment = it.world.environment});
    for (auto& one : many) CHECK(one.wait(30s).out == "over\n");
}

TEST_CASE("ssh: agentctl connect ssh runs it with the address filled in") {
    SshWorld it;
    std::vector<std::string> words{"connect", "ssh", "-target-id", target_id, "--"};
    const auto options = it.sshd.client_options();
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(),
                 {"-l", it.sshd.destination().substr(0, it.sshd.destination().find('@'))});
    auto session = it.world.start_agentctl(words); // a shell, which ends with its input
    const auto ended = session.wait(60s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
}

TEST_CASE("ssh: scp of 100 MB arrives whole although agentd is killed on the way, and the proxy is "
          "listed again") {
    SshWorld it;
    const auto source = make_file(it.world.folder(), hundred_megabytes);
    const auto copy = it.world.folder() / "copy";
    auto scp = it.start_scp(source, copy);
    const auto begun = [&] {
        std::error_code problem;
        return std::filesystem::file_size(copy, problem) > 0 && !problem;
    };
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!begun() && scp.running() && std::chrono::steady_clock::now() < deadline) {
    }
    REQUIRE(scp.running());
    const auto before = it.world.agent_pid();
    it.world.end_agent(SIGKILL);

    const auto ended = scp.wait(100s);
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK(hash_of(copy) == hash_of(source));

    const auto proxies = it.world.proxies();
    REQUIRE(proxies.size() == 1);
    CHECK(proxies[0].at("name") == "ssh");
    CHECK(proxies[0].at("bytes_up").get<std::size_t>() > hundred_megabytes);
    CHECK(it.world.agent_pid() != before);
}
