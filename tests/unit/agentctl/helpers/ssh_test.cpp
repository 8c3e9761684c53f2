#include "agentctl/helpers/key_agent.hpp"

#include "subject.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

#include <cstdlib>
#include <filesystem>

using namespace agentctl::test;
namespace helpers = agentctl::helpers;

namespace {

/// A new key, and a runtime folder for the agent's socket.
struct KeyWorld {
    agent::test::TempDir folder;
    std::string key;

    KeyWorld() {
        const auto made = agent::test::run_program(
            {"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"}, {});
        REQUIRE(made.exit == 0);
        key = text_of(folder / "key");
        ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
    }
    std::size_t sockets() const {
        std::size_t count = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder / "agentd"))
            count += file.is_socket() ? 1 : 0;
        return count;
    }
    /// What an agent holds, as ssh-add -L prints it.
    std::string held_at(const std::string& socket) const {
        return agent::test::run_program({"/usr/bin/ssh-add", "-L"},
                                        {.environment = {{"SSH_AUTH_SOCK", socket}}})
            .out;
    }
};

} // namespace

TEST_CASE(
    "ssh command: passthrough arguments first, known hosts told apart by host id, else target id") {
    Subject host{helpers::ssh, {}, {"-v"}};
    host.proxy.host_id = "hst_1";
    CHECK(host.words() ==
          Words{"ssh", "-v", "-p", "4711", "-o", "HostKeyAlias=hst_1", "127.0.0.1"});
    CHECK(Subject{helpers::ssh, {.username = "ann"}}.words() ==
          Words{"ssh", "-p", "4711", "-o", "HostKeyAlias=ttcp_1", "-l", "ann", "127.0.0.1"});
}

TEST_CASE("ssh command: a remote command comes behind the address, split at single spaces") {
    CHECK(
        Subject{helpers::ssh, {.remote_command = "ls -l  /"}}.words() ==
        Words{"ssh", "-p", "4711", "-o", "HostKeyAlias=ttcp_1", "127.0.0.1", "ls", "-l", "", "/"});
}

TEST_CASE("ssh command: of a password only the user name is used, and the rest is shown") {
    const std::vector<agent::Json> credentials{
        brokered("", {{"username", "bob"}, {"password", "pw"}})};
    const Subject subject{helpers::ssh, {}, {}, credentials};
    CHECK(subject.words() ==
          Words{"ssh", "-p", "4711", "-o", "HostKeyAlias=ttcp_1", "-l", "bob", "127.0.0.1"});
    CHECK(subject.command()->rest() == credentials);
    CHECK(Subject{helpers::ssh, {.username = "ann"}, {}, credentials}.words()[6] == "ann");
}

TEST_CASE(
    "ssh command: a session of type ssh logs in by itself, so its credentials stay untouched") {
    Subject subject{helpers::ssh, {}, {}, {user_password("bob", "pw")}};
    subject.proxy.protocol = "ssh";
    CHECK(subject.words() ==
          Words{"ssh", "-p", "4711", "-o", "NoHostAuthenticationForLocalhost=yes", "127.0.0.1"});
    CHECK(subject.command()->rest().size() == 1);
}

TEST_CASE("ssh command: sshpass gets the password by its variable, and needs one") {
    const Subject subject{helpers::ssh,
                          {.style = "sshpass", .username = "ann", .remote_command = "id"},
                          {},
                          {user_password("bob", "pw")}};
    CHECK(subject.words() == Words{"sshpass", "-e", "ssh", "-p", "4711", "-o",
                                   "NoHostAuthenticationForLocalhost=yes", "-l", "bob", "127.0.0.1",
                                   "id"});
    CHECK(variable(*subject.command(), "SSHPASS") == "pw");
    CHECK(subject.command()->rest().empty());
    CHECK(Subject{helpers::ssh, {.style = "sshpass"}}.refusal().starts_with(
        "2: Failed to collect args"));
}

TEST_CASE("ssh command: putty has a flag of its own for the port") {
    CHECK(Subject{helpers::ssh, {.style = "putty", .username = "ann"}}.words() ==
          Words{"putty", "-P", "4711", "-l", "ann", "127.0.0.1"});
}

TEST_CASE("ssh command: a brokered key is in an agent of its own while the command lives, and in "
          "no file") {
    const KeyWorld world;
    const agent::Json members{{"username", "root"}, {"private_key", world.key}};
    const std::string style = GENERATE("ssh", "putty");
    std::string socket;
    {
        const Subject subject{helpers::ssh,
                              {.style = style, .username = "ann"},
                              {},
                              {brokered("ssh_private_key", members)}};
        const auto command = subject.command();
        INFO((command ? "" : command.error().message));
        REQUIRE(command.has_value());
        const Words ssh{"ssh",
                        "-p",
                        "4711",
                        "-o",
                        "HostKeyAlias=ttcp_1",
                        "-o",
                        "IdentityAgent=SSH_AUTH_SOCK",
                        "-o",
                        "IdentitiesOnly=no",
                        "-l",
                        "root",
                        "127.0.0.1"};
        const Words putty{"putty", "-P", "4711", "-agent", "-l", "root", "127.0.0.1"};
        CHECK(command->words() == (style == "ssh" ? ssh : putty));
        socket = variable(*command, "SSH_AUTH_SOCK");
        CHECK(socket.starts_with((world.folder / "agentd/").string()));
        CHECK((mode_of(socket) & 077) == 0);
        CHECK(world.held_at(socket) == text_of(world.folder / "key.pub"));
        CHECK(command->rest().empty()); // neither as a table nor as JSON
        CHECK(world.sockets() == 1);
    }
    CHECK(world.sockets() == 0);
    for (const auto& file : std::filesystem::recursive_directory_iterator(world.folder / "agentd"))
        CHECK(file.path() == "nothing is left");
}

TEST_CASE("ssh command: a key that OpenSSH refuses is said so at once, and no agent stays") {
    const KeyWorld world;
    const agent::Json members{{"username", "root"}, {"private_key", "no key"}};
    const auto refusal =
        Subject{helpers::ssh, {}, {}, {brokered("ssh_private_key", members)}}.refusal();
    CHECK(refusal.starts_with("2: Failed to collect args"));
    CHECK(refusal.find("ssh-add refused the key") != std::string::npos);
    CHECK(world.sockets() == 0);
}
