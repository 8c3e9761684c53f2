// http, kube, rdp.

#include "subject.hpp"

#include <cstdlib>

using namespace agentctl::test;
namespace helpers = agentctl::helpers;

TEST_CASE("connect http: the target's own host is asked for, at the proxy's address") {
    CHECK(Subject{helpers::http}.words() == Words{"curl", "-H", "Host: db.example", "--resolve",
                                                  "db.example:4711:127.0.0.1",
                                                  "https://db.example:4711"});
    CHECK(Subject{helpers::http,
                  {.host = "web.example/", .path = "/a?b", .method = "PUT", .scheme = "http"},
                  {"-v"}}
              .words() == Words{"curl", "-v", "-X", "PUT", "-H", "Host: web.example", "--resolve",
                                "web.example:4711:127.0.0.1", "http://web.example:4711/a?b"});
    Subject nameless{helpers::http, {.path = "a"}};
    nameless.proxy.endpoint = "";
    CHECK(nameless.words() == Words{"curl", "https://127.0.0.1:4711/a"});
}

TEST_CASE("connect http and kube: what they cannot use is printed") {
    const std::vector<agent::Json> login{user_password("ann", "pw")};
    CHECK(Subject{helpers::http, {}, {}, login}.command()->rest() == login);
    CHECK(Subject{helpers::kube, {}, {}, login}.command()->rest() == login);
}

TEST_CASE("connect kube: the server is the proxy, the name in its certificate the target's") {
    CHECK(Subject{helpers::kube, {}, {"get", "pods"}}.words() ==
          Words{"kubectl", "get", "pods", "--tls-server-name", "db.example", "--server",
                "https://127.0.0.1:4711"});
    CHECK(Subject{helpers::kube, {.host = "k8s", .scheme = "http"}}.words() ==
          Words{"kubectl", "--server", "http://127.0.0.1:4711"});
}

TEST_CASE("connect kube: a brokered password is the token of a user in front of the user's own "
          "kubeconfig") {
    ::setenv("KUBECONFIG", "/home/ann/kube:/etc/kube", 1);
    const Subject subject{
        helpers::kube, {}, {}, {brokered("password", {{"password", "to\"ken: *x"}})}};
    const auto command = subject.command();
    ::unsetenv("KUBECONFIG");
    REQUIRE(command.has_value());
    CHECK(command->words() == Words{"kubectl", "--tls-server-name", "db.example", "--server",
                                    "https://127.0.0.1:4711", "--user", "agentctl"});
    const auto files = variable(*command, "KUBECONFIG");
    const auto ours = files.substr(0, files.find(':'));
    CHECK(files == ours + ":/home/ann/kube:/etc/kube");
    const auto config = agent::parse_json(text_of(ours));
    REQUIRE(config.has_value());
    CHECK(config->at("users").at(0).at("name") == "agentctl");
    CHECK(config->at("users").at(0).at("user").at("token") == "to\"ken: *x");
    CHECK(mode_of(ours) == 0600);
    CHECK(command->rest().empty());
}

TEST_CASE("connect rdp: every style has its words; a user name is filled in, its password shown") {
    const std::vector<agent::Json> login{user_password("ann b", "pw")};
    Words xfreerdp = Subject{helpers::rdp, {.style = "xfreerdp"}, {"/f"}, login}.words();
    xfreerdp.erase(xfreerdp.begin()); // or xfreerdp3
    CHECK(xfreerdp == Words{"/f", "/v:127.0.0.1:4711", "/u:ann b"});
    CHECK(Subject{helpers::rdp, {.style = "remmina"}, {}, login}.words() ==
          Words{"remmina", "-c", "rdp://ann%20b@127.0.0.1:4711"});
    CHECK(Subject{helpers::rdp, {.style = "remmina"}, {}, login}.command()->rest() == login);
    CHECK(Subject{helpers::rdp, {.style = "mstsc"}}.words() ==
          Words{"mstsc.exe", "/v", "127.0.0.1:4711"});
    CHECK(Subject{helpers::rdp, {.style = "open"}}.words() ==
          Words{"open", "-W", "rdp://full%20address=s%3A127.0.0.1%3A4711"});
}

TEST_CASE("connect rdp: without a style it is what is installed, on Linux xfreerdp or Remmina") {
    const agent::test::TempDir folder;
    const std::string before = std::getenv("PATH");
    const std::string program = GENERATE("xfreerdp3", "xfreerdp", "remmina");
    folder.file(program, "#!/bin/sh\n");
    std::filesystem::permissions(folder / program, std::filesystem::perms::owner_all);
    ::setenv("PATH", folder.path().c_str(), 1);
    const auto words = Subject{helpers::rdp}.words();
    ::setenv("PATH", "/nonexistent", 1);
    const auto nothing = Subject{helpers::rdp}.words();
    ::setenv("PATH", before.c_str(), 1);
    CHECK(words[0] == program);
    CHECK(nothing[0].starts_with("xfreerdp"));
}
