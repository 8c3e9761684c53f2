// connect ssh with the real sshd, ssh, sshpass and plink, and keys that were brokered.

#include "support/brokering_world.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/exposed.hpp"
#include "support/ssh_server.hpp"

#include <csignal>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::string user_here() {
    const auto ended = run_program({"/usr/bin/id", "-un"}, {});
    return ended.out.substr(0, ended.out.find('\n'));
}

struct KeyedWorld {
    SshServer sshd;
    std::string key;
    std::unique_ptr<BrokeringWorld> world;

    explicit KeyedWorld(const std::string& passphrase = {}, const std::string& said = {}) {
        const TempDir folder;
        const auto copy = folder.file("key", read_text(sshd.user_key()));
        const auto changed = run_program(
            {"/usr/bin/ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", copy}, {});
        REQUIRE(changed.exit == 0);
        key = read_text(copy);
        agent::Json credential{
            {"type", "ssh_private_key"}, {"username", user_here()}, {"private_key", key}};
        if (!said.empty()) credential["private_key_passphrase"] = said;
        world = std::make_unique<BrokeringWorld>(sshd.port(), credential);
    }
    /// Of ssh: no file of this user's, nobody to ask.
    static std::vector<std::string> behind(std::vector<std::string> more) {
        more.insert(more.end(), {"--", "-F", "/dev/null", "-o", "BatchMode=yes", "-o",
                                 "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                                 "-o", "LogLevel=ERROR"});
        return more;
    }
    Ended ssh(std::vector<std::string> more) { return world->run("ssh", behind(std::move(more))); }
    /// Sockets of key agents.
    int agents() const {
        int count = 0;
        for (const auto& file :
             std::filesystem::directory_iterator((*world).world->folder() / "run/agentd"))
            count += file.path().filename().string().starts_with("ssh-") ? 1 : 0;
        return count;
    }
};

} // namespace

TEST_CASE(
    "connect ssh: a brokered key logs in, with its passphrase when it has one, and neither is "
    "printed; the remote command's status is ours") {
    const std::string passphrase = GENERATE("", "open it");
    KeyedWorld it(passphrase, passphrase);
    const auto ended = it.ssh({"-remote-command", "echo over; exit 5"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 5);
    CHECK(ended.out == "over\n");
    CHECK(it.agents() == 0);
    const auto json = it.ssh({"-remote-command", "echo over", "-format", "json"});
    CHECK(json.out == "over\n"); // its whole key is in no line of JSON
    CHECK((*it.world)->proxies().empty());
}

TEST_CASE("connect ssh: a passphrase that does not fit is said so at once") {
    KeyedWorld it("open it", "wrong");
    const auto begun = std::chrono::steady_clock::now();
    const auto ended = it.ssh({"-remote-command", "true"});
    CHECK(ended.exit == 2);
    CHECK(ended.err.find("ssh-add refused the key or its passphrase") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begun < 9s); // it was not asked for ever
    CHECK(it.agents() == 0);
    CHECK((*it.world)->proxies().empty());
}

TEST_CASE(
    "connect ssh: while it runs the key is in no file, word or variable, and after kill -9 of "
    "agentctl its agent ends") {
    KeyedWorld it;
    auto session = (*it.world)->start_agentctl(
        BrokeringWorld::words("ssh", KeyedWorld::behind({"-remote-command", "echo up; sleep 60"})));
    REQUIRE(session.wait_for("up"));
    CHECK(it.agents() == 1);
    const auto line = it.key.substr(it.key.find('\n') + 1, 60);
    CHECK(exposing({line}).empty());
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator((*it.world).world->folder() / "run"))
        if (entry.is_regular_file()) CHECK(read_text(entry.path()).find(line) == std::string::npos);
    session.signal(SIGKILL);
    session.wait();
    CHECK(eventually([&] { return it.agents() == 0; }, 30s));
    for (const auto& proxy : (*it.world)->proxies())
        (*it.world)->agentctl({"disconnect", proxy.at("name").get<std::string>()});
}

TEST_CASE("connect ssh: -style putty lends the key by the same agent; plink logs in with it") {
    KeyedWorld it;
    const auto print = run_program({"/usr/bin/ssh-keygen", "-l", "-f", it.sshd.host_key()}, {});
    const auto from = print.out.find("SHA256:");
    const auto ended = it.world->run(
        "ssh", {"-style", "putty", "-exec", "plink", "-remote-command", "echo over", "--", "-batch",
                "-hostkey", print.out.substr(from, print.out.find(' ', from) - from)});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out == "over\n");
    CHECK(it.agents() == 0);
}

TEST_CASE("connect ssh: sshpass types the brokered password where ssh asks for it") {
    SshServer sshd;
    BrokeringWorld world(
        sshd.port(), {{"type", "username_password"}, {"username", "ann"}, {"password", "hunter2"}});
    const TempDir programs;
    programs.file("ssh", "#!/bin/sh\nprintf 'password: ' >/dev/tty; read -r p </dev/tty\n"
                         "echo \"got $p\"; echo \"$@\"; exit 4\n");
    std::filesystem::permissions(programs / "ssh", std::filesystem::perms::owner_all);
    world->environment["PATH"] = programs.path().string() + ":" + world->environment["PATH"];
    const auto ended = world.run("ssh", {"-style", "sshpass", "-remote-command", "id"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 4);
    CHECK(ended.out.starts_with("got hunter2\n-p "));
    CHECK(ended.out.find(" -l ann 127.0.0.1 id\n") != std::string::npos);
}
