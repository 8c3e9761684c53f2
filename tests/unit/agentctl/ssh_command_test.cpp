#include "agentctl/ssh_command.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using agentctl::SshCommand;
using Words = std::vector<std::string>;

namespace {

ipc::Proxy ssh_proxy() {
    ipc::Proxy one;
    one.address = "127.0.0.1";
    one.port = 4711;
    one.target_id = "ttcp_1";
    return one;
}

agent::Json parsed(const std::string& text) {
    return *agent::parse_json(text);
}

} // namespace

TEST_CASE(
    "ssh command: passthrough arguments first, known hosts told apart by host id, else target id") {
    auto host = ssh_proxy();
    host.host_id = "hst_1";
    CHECK(SshCommand::make("ssh", {"-v"}, {}, host, {})->words() ==
          Words{"ssh", "-v", "-p", "4711", "-o", "HostKeyAlias=hst_1", "127.0.0.1"});
    CHECK(SshCommand::make("ssh", {}, "ann", ssh_proxy(), {})->words() ==
          Words{"ssh", "-p", "4711", "-o", "HostKeyAlias=ttcp_1", "-l", "ann", "127.0.0.1"});
}

TEST_CASE("ssh command: a brokered key is in a file of ours alone while the command lives") {
    std::string path;
    {
        const auto command = SshCommand::make(
            "ssh", {}, "ann", ssh_proxy(),
            {parsed(
                R"({"credential":{"username":"root","private_key":"KEY","private_key_passphrase":"pp"}})")});
        REQUIRE(command.has_value());
        const auto& words = command->words();
        REQUIRE(words.size() == 10);
        CHECK(words[5] == "-i");
        path = words[6];
        CHECK(Words(words.begin() + 7, words.end()) == Words{"-l", "root", "127.0.0.1"});
        std::stringstream content;
        content << std::ifstream(path).rdbuf();
        CHECK(content.str() == "KEY\n");
        struct stat status{};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        // the passphrase is still to be shown, the key is not
        REQUIRE(command->unused().size() == 1);
        CHECK(agent::dump_json(command->unused()[0]) ==
              R"({"credential":{"private_key_passphrase":"pp"}})");
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("ssh command: of a password only the user name is used, and the rest is shown") {
    const std::vector<agent::Json> credentials{
        parsed(R"({"secret":{"decoded":{"username":"bob","password":"pw"}}})")};
    const auto command = SshCommand::make("ssh", {}, {}, ssh_proxy(), credentials);
    REQUIRE(command.has_value());
    CHECK(command->words() ==
          Words{"ssh", "-p", "4711", "-o", "HostKeyAlias=ttcp_1", "-l", "bob", "127.0.0.1"});
    CHECK(command->unused() == credentials);
    CHECK(SshCommand::make("ssh", {}, "ann", ssh_proxy(), credentials)->words()[6] == "ann");
}
