// agentctl ssh-config under a real ssh, scp and rsync.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/ssh_server.hpp"

#include <fstream>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

struct Configured {
    SshServer sshd;
    DevEnvironment world{{.target_port = sshd.port()}};
    std::string config = world.folder() / "ssh_config";

    Configured() {
        world.login();
        const auto written =
            world.agentctl({"ssh-config", "-write", "-file", world.folder() / "include"});
        INFO(written.err);
        REQUIRE(written.exit == 0);
        // What a user has: one Include and their own settings, here those that let a test log in
        // without being asked.
        std::string own = "Include " + (world.folder() / "include").string() + "\nHost *\n";
        const auto options = sshd.client_options();
        for (std::size_t i = 0; i + 1 < options.size(); i += 2) {
            if (options[i] == "-i") own += "    IdentityFile " + options[i + 1] + "\n";
            if (options[i] == "-o") own += "    " + options[i + 1] + "\n";
        }
        own += "    User " + user() + "\n";
        std::ofstream(config) << own;
    }
    std::string user() const {
        const auto destination = sshd.destination();
        return destination.substr(0, destination.find('@'));
    }
    Ended run(std::vector<std::string> words) {
        return run_program(std::move(words), {.environment = world.environment}, 60s);
    }
};

} // namespace

TEST_CASE("ssh-config: ssh reaches a target by its name, its id and its alias, and knows its host "
          "key again") {
    Configured it;
    const std::string by_name = "generated-target-using-host-sources";
    for (const std::string& host : {by_name, target_id, std::string("ssh.boundary.dev")}) {
        const auto ended = it.run({"/usr/bin/ssh", "-F", it.config, host, "echo over"});
        INFO(host << ": " << ended.err);
        CHECK(ended.exit == 0);
        CHECK(ended.out == "over\n");
    }
    // The host behind a host set is remembered by its own id.
    std::string known_hosts;
    for (const auto& one : it.sshd.client_options())
        if (one.starts_with("UserKnownHostsFile=")) known_hosts = one.substr(one.find('=') + 1);
    const auto known = it.run({"/usr/bin/ssh-keygen", "-F", "hst_1234567890", "-f", known_hosts});
    CHECK(known.exit == 0);
}

TEST_CASE("ssh-config: scp and rsync copy through it, a tree there and back unharmed") {
    Configured it;
    const auto tree = it.world.folder().folder("tree");
    std::filesystem::create_directories(tree / "deep/er");
    for (int i = 0; i < 40; ++i)
        std::ofstream(tree / "deep/er" / ("file " + std::to_string(i)), std::ios::binary)
            << std::string(static_cast<std::size_t>(i) * 10'007, static_cast<char>('a' + i % 26));
    const std::string there = it.world.folder() / "there";
    const std::string back = it.world.folder() / "back";
    const std::string shell = "ssh -F " + it.config;

    const auto sent = it.run(
        {"/usr/bin/rsync", "-a", "-e", shell, tree.string() + "/", target_id + ":" + there + "/"});
    INFO(sent.err);
    REQUIRE(sent.exit == 0);
    const auto fetched = it.run(
        {"/usr/bin/rsync", "-az", "-e", shell, "ssh.boundary.dev:" + there + "/", back + "/"});
    INFO(fetched.err);
    REQUIRE(fetched.exit == 0);
    const auto compared = it.run({"/usr/bin/diff", "-r", tree, back});
    INFO(compared.out);
    CHECK(compared.exit == 0);

    const auto copied =
        it.run({"/usr/bin/scp", "-F", it.config, "-r", tree, target_id + ":" + there + "-scp"});
    INFO(copied.err);
    CHECK(copied.exit == 0);
    CHECK(it.run({"/usr/bin/diff", "-r", tree, there + "-scp"}).exit == 0);
}

TEST_CASE(
    "ssh-config: a user sees the targets that they may authorize, in the same words each time") {
    DevEnvironment world;
    world.login("user");
    const auto printed = world.agentctl({"ssh-config"});
    CHECK(printed.exit == 0);
    CHECK(printed.out.find("\nHost generated-target-with-a-direct-address " + target_id + "\n") !=
          std::string::npos);
    CHECK(world.agentctl({"ssh-config"}).out == printed.out);
    CHECK(printed.out.find("password") == std::string::npos);

    const auto theirs = world.folder().file("theirs", "Host mine\n");
    const auto refused = world.agentctl({"ssh-config", "-write", "-file", theirs});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("was not made by agentctl") != std::string::npos);
    CHECK(read_text(theirs) == "Host mine\n");
}
