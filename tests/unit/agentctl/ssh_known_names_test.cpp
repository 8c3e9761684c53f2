// The names that mean something to a user's ssh already, from files of the kinds that people have.

#include "agentctl/ssh_known_names.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace agentctl;
using agent::test::TempDir;

TEST_CASE("ssh known names: hosts of the configuration and what it includes, remembered keys, and "
          "/etc/hosts") {
    const TempDir folder;
    folder.folder("config.d");
    folder.file("config.d/work", "Host=work-db\n");
    folder.file("config.d/agentd", "# Made by agentctl ssh-config for x\nHost made-by-us\n");
    SshKnownNames::Files files;
    files.configurations = {
        folder.file("config", "Include config.d/*\nhost Web \"db two\" *.example !bad\n"
                              "  HostName real.example\nMatch host none\nInclude config\n"),
        folder / "missing"};
    files.known_hosts = {folder.file("known_hosts",
                                     "# c\nkey.example,10.1.2.3 ssh-ed25519 AAAA\n"
                                     "[port.example]:2222 ssh-ed25519 AAAA\n"
                                     "@cert-authority ca.example ssh-ed25519 AAAA\n")};
    files.hosts = folder.file("hosts", "10.0.0.9 intern intern.example # comment.example\n");
    const SshKnownNames known(files);
    for (const auto* name :
         {"work-db", "web", "WEB", "web.", "real.example", "key.example", "10.1.2.3",
          "port.example", "ca.example", "intern", "intern.example"}) {
        INFO(name);
        CHECK(known.has(name));
    }
    for (const auto* name : {"made-by-us", "x.example", "bad", "*.example", "none",
                             "comment.example", "new.example", ""}) {
        INFO(name);
        CHECK_FALSE(known.has(name));
    }
}

TEST_CASE("ssh known names: a file that hides its names is asked through ssh-keygen") {
    const TempDir folder;
    SshKnownNames::Files files;
    // "hidden.example", as HashKnownHosts yes writes it
    files.known_hosts = {folder.file(
        "known_hosts", "|1|MDEyMzQ1Njc4OWFiY2RlZmdoaWo=|5d8Am/hSJuiQpjghxkuL6J5co8g= ssh-ed25519 "
                       "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n")};
    const SshKnownNames known(files);
    CHECK(known.has("hidden.example"));
    CHECK_FALSE(known.has("other.example"));
}

TEST_CASE("ssh known names: public hosts of source code, however they are spelled") {
    CHECK(SshKnownNames::is_public("github.com"));
    CHECK(SshKnownNames::is_public("GitLab.com."));
    CHECK_FALSE(SshKnownNames::is_public("github.com.example"));
    CHECK_FALSE(SshKnownNames::is_public("b-github.com"));
}
