#include "agentctl/ssh_config.hpp"

#include "support/catch.hpp"

using namespace agentctl;

namespace {

SshTarget target(std::string id, std::string name, std::string scope = "prod") {
    SshTarget one;
    one.id = std::move(id);
    one.name = std::move(name);
    one.scope_name = std::move(scope);
    return one;
}

std::string text_of(const std::vector<SshTarget>& targets, const ipc::Cluster& cluster = {},
                    const std::string& program = "/usr/bin/agentctl") {
    const auto text = ssh_config_text(name_hosts(targets, ""), cluster, program);
    REQUIRE(text.has_value());
    return *text;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE(
    "ssh config: a host for each target, by name and id, with the same host key alias each time") {
    auto one = target("ttcp_1", "Web Server (old)");
    one.host_ids = {"hst_1"};
    ipc::Cluster cluster;
    cluster.address = "https://boundary.example.org";
    CHECK(
        text_of({one}, cluster) ==
        "# Made by agentctl ssh-config for https://boundary.example.org. What is changed here is "
        "lost when it is made "
        "again.\n"
        "# Before the first Host in ~/.ssh/config:  Include config.d/agentd\n"
        "\n# Web Server (old) in prod\n"
        "Host web-server-old ttcp_1\n"
        "    HostKeyAlias hst_1\n"
        "    ProxyCommand /usr/bin/agentctl nc -fdpass -addr https://boundary.example.org ttcp_1\n"
        "    ProxyUseFdpass yes\n");
}

TEST_CASE("ssh config: a target with several hosts has one entry for each of them as well") {
    auto one = target("ttcp_1", "web");
    one.host_ids = {"hst_1", "hst_2"};
    const auto text = text_of({one});
    CHECK(has(text, "Host web ttcp_1\n    HostKeyAlias ttcp_1\n"));
    CHECK(has(text, "Host web.hst_2\n    HostKeyAlias hst_2\n"));
    CHECK(has(text, " ttcp_1 -host-id hst_2\n"));
}

TEST_CASE("ssh config: an alias is a host of its own, and keeps the host that it stands for") {
    auto one = target("ttcp_1", "web");
    one.aliases = {{"web.boundary.dev", ""}, {"db.boundary.dev", "hst_9"}};
    const auto text = text_of({one});
    CHECK(has(text, "Host web.boundary.dev\n    HostKeyAlias ttcp_1\n"));
    CHECK(has(text, "Host db.boundary.dev\n    HostKeyAlias hst_9\n"));
    CHECK(has(text, "9200 db.boundary.dev\n"));
}

TEST_CASE("ssh config: names that collide are told apart by their scope, else by their id, and it "
          "says so") {
    const auto hosts = name_hosts({target("ttcp_1", "web", "prod"), target("ttcp_2", "Web", "test"),
                                   target("ttcp_3", "db", "prod"), target("ttcp_4", "db", "prod")},
                                  "");
    REQUIRE(hosts.hosts.size() == 4);
    CHECK(hosts.hosts[0].names == std::vector<std::string>{"web.prod", "ttcp_1"});
    CHECK(hosts.hosts[1].names == std::vector<std::string>{"web.test", "ttcp_2"});
    CHECK(hosts.hosts[2].names == std::vector<std::string>{"ttcp_3"});
    CHECK(hosts.hosts[3].names == std::vector<std::string>{"ttcp_4"});
    REQUIRE(hosts.notes.size() == 2);
    CHECK(hosts.notes[0] == "\"db\" would be 2 targets: use ttcp_3, ttcp_4");
    CHECK(hosts.notes[1] == "\"web\" would be 2 targets: use web.prod, web.test");

    auto named = target("ttcp_5", "web.dev");
    auto aliased = target("ttcp_6", "other");
    aliased.aliases = {{"web.dev", ""}};
    const auto alias_wins = name_hosts({named, aliased}, "");
    CHECK(alias_wins.hosts[0].names == std::vector<std::string>{"web.dev.prod", "ttcp_5"});
    CHECK(alias_wins.notes.size() == 1);
}

TEST_CASE(
    "ssh config: a prefix goes before everything that ssh could take for a host of the user's") {
    auto one = target("ttcp_1", "github.com");
    one.aliases = {{"github.com", ""}, {"GitHub.com", "hst_1"}};
    one.host_ids = {"hst_1", "hst_2"};
    const auto hosts = name_hosts({one, target("ttcp_2", "db"), target("ttcp_3", "db")}, "b-");
    CHECK(hosts.hosts.size() == 7);
    for (const auto& host : hosts.hosts)
        for (const auto& name : host.names) {
            INFO(name);
            CHECK(name.starts_with("b-"));
        }
    // Boundary knows them without it.
    for (const auto& host : hosts.hosts) CHECK_FALSE(host.destination.starts_with("b-"));
    const auto text = ssh_config_text(hosts, {}, "/usr/bin/agentctl");
    REQUIRE(text.has_value());
    CHECK(has(*text, "\nHost b-github.com\n"));
    CHECK(has(*text, "9200 github.com\n"));
}

TEST_CASE(
    "ssh config: a target takes no public host's name, and none of the user's own hosts unseen") {
    auto named = target("ttcp_1", "GitHub.com");
    auto one = target("ttcp_2", "web");
    one.aliases = {{"gitlab.com", ""}, {"db.corp.example", ""}, {"new.example", ""}};
    const auto uses = [](const std::string& name) {
        if (name == "github.com" || name == "gitlab.com") return NameUse::public_host;
        return name == "db.corp.example" ? NameUse::own_host : NameUse::free;
    };
    const auto hosts = name_hosts({named, one}, "", uses);
    const auto text = ssh_config_text(hosts, {}, "/usr/bin/agentctl");
    REQUIRE(text.has_value());
    CHECK_FALSE(has(*text, "Host github.com"));
    CHECK_FALSE(has(*text, "Host gitlab.com"));
    CHECK(has(*text, "\nHost ttcp_1\n"));
    CHECK(has(*text, "\nHost db.corp.example\n"));
    CHECK(has(*text, "\nHost new.example\n"));
    REQUIRE(hosts.warnings.size() == 2);
    CHECK(has(hosts.warnings[0], "github.com, gitlab.com; -prefix"));
    CHECK(has(hosts.warnings[1], "db.corp.example; -prefix"));
    CHECK(has(*text, "# " + hosts.warnings[1]));
    CHECK(name_hosts({named, one}, "b-", uses).warnings.empty());
}

TEST_CASE(
    "ssh config: an id that could be a host's name is none, also where it chooses the host key") {
    auto one = target("ttcp_1", "web");
    one.host_ids = {"github.com"};
    one.aliases = {{"web.example", "github.com"}};
    const auto hosts =
        name_hosts({one, target("github.com", "x"), target("_a", "y"), target("a_", "z")}, "");
    const auto text = ssh_config_text(hosts, {}, "/usr/bin/agentctl");
    REQUIRE(text.has_value());
    CHECK_FALSE(has(*text, "Host github.com"));
    CHECK_FALSE(has(*text, "HostKeyAlias github.com"));
    CHECK(hosts.hosts.size() == 2);
    CHECK(hosts.notes.size() == 3);
}

TEST_CASE("ssh config: no alias is a pattern, an option or a second name") {
    for (const auto* alias : {"*", "git*", "!github.com", "a?b", "-oX", "a b", "a\nHost b", "a\tb",
                              "a,b", "a\"b", "", "a\u202eb", "a%hb", "a=b", "a#b"}) {
        auto one = target("ttcp_1", "web");
        one.aliases = {{alias, ""}};
        const auto hosts = name_hosts({one}, "");
        INFO(alias);
        CHECK(hosts.hosts.size() == 1);
        CHECK(hosts.notes.size() == 1);
        CHECK(name_hosts({one}, "b-").hosts.size() == 1);
    }
}

TEST_CASE("ssh config: what a controller says cannot become a line or a command of its own") {
    auto evil = target("ttcp_1", "x\n    ProxyCommand rm -rf /\nHost *", "a\nb");
    evil.aliases = {
        {"y\n    LocalCommand z", ""}, {"-oProxyCommand=x", ""}, {"$(id)", ""}, {"a_b", ""}};
    evil.host_ids = {"`id`"};
    auto no_id = target("ttcp_1; id", "fine");
    const auto text = text_of({evil, no_id});
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        const auto line = text.substr(at, text.find('\n', at) - at);
        INFO(line);
        const bool ours =
            line.empty() || line.starts_with("# ") || line.starts_with("    HostKeyAlias ttcp_1") ||
            line.starts_with("    ProxyCommand /usr/bin/agentctl nc ") ||
            line == "    ProxyUseFdpass yes" || line == "Host x-proxycommand-rm--rf-host ttcp_1";
        CHECK(ours);
    }
    CHECK(has(text, "# left out, its id is no id: ttcp_1; id\n"));
    CHECK(has(text, "# left out, no alias by its form: $(id)\n"));
}

TEST_CASE("ssh config: flags are quoted for the shell, and for ssh, which reads %") {
    ipc::Cluster cluster;
    cluster.address = "https://b.example";
    cluster.ca_cert = "/home/me/it's 100%.pem";
    cluster.tls_insecure = true;
    cluster.token_name = "work";
    CHECK(has(text_of({target("ttcp_1", "web")}, cluster, "/opt/my tools/agentctl"),
              "ProxyCommand '/opt/my tools/agentctl' nc -fdpass -addr https://b.example "
              "-ca-cert '/home/me/it'\\''s 100%%.pem' -tls-insecure -token-name work ttcp_1\n"));
    CHECK_FALSE(ssh_config_text(name_hosts({}, ""), cluster, "/opt/a\nb").has_value());
    ipc::Cluster named;
    named.name = "prod";
    CHECK(has(text_of({target("ttcp_1", "web")}, named), " nc -fdpass -cluster prod ttcp_1\n"));
}

TEST_CASE("ssh config: names are made safe") {
    CHECK(safe_host_name("DB (primary)") == "db-primary");
    CHECK(safe_host_name("  .hidden ") == "hidden");
    CHECK(safe_host_name("-o*?!") == "o");
    CHECK(safe_host_name("Größe") == "gr-e");
    CHECK(safe_host_name("日本").empty());
}
