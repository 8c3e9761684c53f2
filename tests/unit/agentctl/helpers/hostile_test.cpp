// A controller that means harm: what it says ends in words, files, variables and terminals.

#include "agentctl/helpers/fit.hpp"
#include "agentctl/output/item_table.hpp"

#include "subject.hpp"

#include <unistd.h>

using namespace agentctl::test;
using namespace std::string_literals;
namespace helpers = agentctl::helpers;

namespace {

const std::vector<const helpers::Helper*> take_a_login{
    &helpers::cassandra, &helpers::mongo, &helpers::mysql, &helpers::postgres,
    &helpers::rdp,       &helpers::redis, &helpers::ssh};

} // namespace

TEST_CASE("hostile: a user name that is an option, unseen, torn or too long is refused by every "
          "helper, before anything runs") {
    const auto* helper = GENERATE(from_range(take_a_login));
    const std::string name =
        GENERATE("-oProxyCommand=touch /tmp/x"s, "--execute=x"s, "a\nb"s, "a\0b"s, "\x1b[2Ja"s,
                 "a\u202eb"s, "a\xff"s, std::string(257, 'a'));
    const auto refusal = Subject{*helper, {}, {}, {user_password(name, "pw")}}.refusal();
    INFO(helper->name << ": " << refusal);
    CHECK(refusal.starts_with("2: Failed to collect args: the brokered user name"));
    CHECK(refusal.find("ProxyCommand") == std::string::npos); // not quoted
}

TEST_CASE("hostile: a user name with a space, a quote or a template is one word as it is") {
    const std::string name =
        GENERATE("a b", "a'b\"c", "a;id", "$(id)", "{{boundary.port}}", "j\u00e9");
    const auto words = Subject{helpers::postgres, {}, {}, {user_password(name, "pw")}}.words();
    CHECK(words.back() == name);
}

TEST_CASE("hostile: the same for the user name of a key and of sshpass") {
    const agent::Json key{{"username", "-oProxyCommand=x"}, {"private_key", "K"}};
    CHECK(Subject{helpers::ssh, {}, {}, {brokered("ssh_private_key", key)}}.refusal().starts_with(
        "2: Failed to collect args: the brokered user name"));
    CHECK(Subject{helpers::ssh, {.style = "sshpass"}, {}, {user_password("-l", "pw")}}
              .refusal()
              .starts_with("2: Failed to collect args: the brokered user name"));
}

TEST_CASE("hostile: a line break in a password starts no line of its own in any file") {
    const std::string password = GENERATE("a\n[client]\ninit-command=x"s, "a\r*:*:*:*:b"s);
    const std::vector<agent::Json> credentials{user_password("ann", password)};
    for (const auto* helper : {&helpers::postgres, &helpers::cassandra})
        CHECK(Subject{*helper, {}, {}, credentials}.refusal().find("line break") !=
              std::string::npos);
    CHECK(Subject{helpers::ssh, {.style = "sshpass"}, {}, credentials}.refusal().find(
              "line break") != std::string::npos);
    CHECK(Subject{helpers::kube, {}, {}, {brokered("password", {{"password", password}})}}
              .refusal()
              .find("line break") != std::string::npos);
    const auto command = Subject{helpers::mysql, {}, {}, credentials}.command();
    REQUIRE(command.has_value());
    const auto text = text_of(command->words()[1].substr(std::string("--defaults-file=").size()));
    CHECK(std::ranges::count(text, '\n') == 2); // after [client] and at the end
    CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("hostile: a zero byte, or a secret without end, is refused by every helper") {
    const auto* helper = GENERATE(from_range(
        std::vector<const helpers::Helper*>{&helpers::cassandra, &helpers::mongo, &helpers::mysql,
                                            &helpers::postgres, &helpers::redis}));
    CHECK(Subject{*helper, {}, {}, {user_password("ann", "a\0b"s)}}.refusal().find("zero byte") !=
          std::string::npos);
    const auto refusal =
        Subject{*helper, {}, {}, {user_password("ann", std::string(64 * 1024, 'x'))}}.refusal();
    CHECK(refusal.find("longer than 32 KiB") != std::string::npos);
    CHECK(refusal.size() < 200);
    CHECK(Subject{helpers::mysql, {}, {}, {user_password("ann", std::string(5000, 'x'))}}
              .refusal()
              .find("too long for mysql") != std::string::npos);
    CHECK(Subject{helpers::cassandra, {}, {}, {user_password("ann", " x")}}.refusal().find(
              "space") != std::string::npos);
}

TEST_CASE("hostile: ids and endpoints that are no plain words reach no program") {
    Subject ssh{helpers::ssh};
    ssh.proxy.host_id = GENERATE("hst_1 ProxyCommand=x", "a\nProxyCommand=x", "-x", "\"");
    CHECK(ssh.refusal() == "2: Failed to collect args: the target's id is no plain word");
    Subject http{helpers::http};
    http.proxy.endpoint = GENERATE("tcp://a\r\nX: y:80", "tcp://-K/etc/passwd:80", "tcp://a b:80",
                                   "tcp://[::1]:80", "tcp://a@b:80", "tcp://", "80", "://:");
    CHECK(http.words() == Words{"curl", "https://127.0.0.1:4711"});
}

TEST_CASE("hostile: a secret of several lines steers no terminal when it is shown") {
    const auto shown =
        agentctl::credentials_block({brokered("json", {{"text", "one\n\x1b]0;owned\x07two"}})}, 17);
    CHECK(shown.find('\x1b') == std::string::npos);
    CHECK(shown.find('\x07') == std::string::npos);
    CHECK(shown.find("one\n") != std::string::npos);
}

TEST_CASE("hostile: no helper puts a secret among the words") {
    const auto* helper = GENERATE(from_range(
        std::vector<const helpers::Helper*>(helpers::all().begin(), helpers::all().end())));
    const std::string secret = "hunter2hunter2";
    for (const auto& style : helper->styles) {
        const Subject subject{
            *helper,
            {.style = std::string(style.name)},
            {},
            {user_password("ann", secret), brokered("password", {{"password", secret}})}};
        INFO(helper->name << " " << style.name);
        CHECK_FALSE(anywhere(subject.words(), secret));
    }
}

TEST_CASE(
    "hostile: a file in memory is the program's alone, whatever descriptors are closed here") {
    const auto file = helpers::SecretFile::holding("x");
    REQUIRE(file.has_value());
    CHECK(file->descriptor() >= 10);
    CHECK(mode_of(file->path()) == 0600);
    std::error_code problem;
    const auto link = std::filesystem::read_symlink(
        "/proc/self/fd/" + std::to_string(file->descriptor()), problem);
    CHECK(link.string().find("(deleted)") != std::string::npos);
}
