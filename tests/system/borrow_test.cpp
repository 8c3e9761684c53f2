// A login that Boundary's own command stored, in pass or in the Secret Service, serves without
// another login; and its token reaches no cluster but the one it is for.

#include "base/base64.hpp"
#include "support/desktop_session.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

#include <csignal>
#include <filesystem>

using namespace agent::test;
using namespace std::chrono_literals;
using agent::Json;

namespace {

/// A login of `world`'s server that no agent holds, in the form in which the reference stores it.
struct ReferenceLogin {
    std::string id, token, item;
    explicit ReferenceLogin(DevEnvironment& world, const std::string& name = "default") {
        const auto answer = world.agentctl_json({"authenticate", "password", "-login-name", "admin",
                                                 "-password", "env://PW", "-keyring-type", "none"});
        const Json& attributes = answer.at("item").at("attributes");
        id = attributes.at("id").get<std::string>();
        token = attributes.at("token").get<std::string>();
        const auto value = agent::base64_encode(agent::dump_json(attributes), false);
        const Json object = {{"Key", name},
                             {"Data", agent::base64_encode(value)},
                             {"Label", ""},
                             {"Description", ""}};
        item = agent::dump_json(object);
    }
};

/// pass with a key that needs no passphrase, in the world's home.
struct PasswordStore {
    DevEnvironment& world;
    explicit PasswordStore(DevEnvironment& world) : world(world) {
        world.environment["GNUPGHOME"] = world.folder().folder("gpg");
        const auto made =
            run({"/usr/bin/gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "",
                 "--quick-gen-key", "tester@example.org", "default", "default", "never"});
        INFO(made.err);
        REQUIRE(made.exit == 0);
        REQUIRE(run({"/usr/bin/pass", "init", "tester@example.org"}).exit == 0);
    }
    ~PasswordStore() { run({"/usr/bin/gpgconf", "--kill", "all"}); }
    void insert(const std::string& name, const std::string& text) {
        const auto kept =
            run({"/usr/bin/pass", "insert", "-m", "-f", "HashiCorp_Boundary/" + name}, text);
        INFO(kept.out << kept.err);
        REQUIRE(kept.exit == 0);
    }
    Ended run(std::vector<std::string> command, const std::string& input = {}) {
        return run_program(std::move(command), {.environment = world.environment, .input = input},
                           60s);
    }
};

std::string where_kept(DevEnvironment& world) {
    const Json logins = world.agentctl_json({"status"}).at("logins");
    return logins.empty() ? "nowhere" : logins[0].at("keyring").get<std::string>();
}

} // namespace

TEST_CASE("borrow: a login in pass serves for its cluster, by its token name, and is not copied") {
    DevEnvironment world;
    PasswordStore store(world);
    const ReferenceLogin login(world, "work");
    store.insert("work", login.item);
    const std::vector<std::string> read{"targets", "read", "-id", target_id};
    CHECK(world.agentctl(read).exit == 1); // that is the one named "default"
    world.environment["BOUNDARY_TOKEN_NAME"] = "work";
    world.environment["BOUNDARY_KEYRING_TYPE"] = "pass";
    const auto found = world.agentctl(read, 60s);
    INFO(found.out << found.err);
    CHECK(found.exit == 0);
    CHECK(where_kept(world) == "pass");
    world.end_agent(SIGTERM);
    CHECK(where_kept(world) == "nowhere");
    CHECK(world.agentctl(read, 60s).exit == 0);
    REQUIRE(world.agentctl({"logout"}).exit == 0);
    CHECK(world.agentctl(read, 60s).exit ==
          1); // the token is deleted; what pass has of it is refused
}

TEST_CASE("borrow: a login in the Secret Service serves, until it is locked") {
    DevEnvironment world;
    DesktopSession desktop(world);
    desktop.start_keyring();
    const ReferenceLogin login(world);
    desktop.add_item("profile", "default", login.item);
    CHECK(world.agentctl({"targets", "read", "-id", target_id}).exit == 0);
    CHECK(where_kept(world) == "secret-service");
    CHECK(desktop.agents_items() == 0);
    world.end_agent(SIGTERM);
    desktop.lock();
    CHECK(world.agentctl({"targets", "read", "-id", target_id}).exit ==
          1); // nobody is asked to unlock it for this
}

TEST_CASE("borrow: the token is shown to no other cluster once its own has accepted it, and serves "
          "none that refuses it") {
    DevEnvironment world;
    DevEnvironment other;
    PasswordStore store(world);
    const ReferenceLogin login(world);
    store.insert("default", login.item);
    const std::vector<std::string> read{"targets", "read", "-id", target_id};
    REQUIRE(world.agentctl(read, 60s).exit == 0);
    const std::string own = world.address();
    world.environment["BOUNDARY_ADDR"] = other.address();
    check_refused(world.agentctl(read, 60s), 1, {"401"});
    CHECK(other.server_log().find(login.id) == std::string::npos);
    // Nor is it taken for one of the other cluster's when that is asked first.
    world.end_agent(SIGTERM);
    CHECK(world.agentctl(read, 60s).exit == 1);
    CHECK(where_kept(world) == "nowhere");
    world.environment["BOUNDARY_ADDR"] = own;
    CHECK(world.agentctl(read, 60s).exit == 0);
}

TEST_CASE("borrow: what is damaged in pass is no login, and nothing of it is printed") {
    DevEnvironment world;
    PasswordStore store(world);
    store.insert("default", "{\"Key\": \"default\", \"Data\": \"hunter2!\"}");
    const auto ended = world.agentctl({"targets", "read", "-id", target_id}, 60s);
    check_refused(ended, 1, {"401"});
    CHECK(ended.err.find("hunter2") == std::string::npos);
    CHECK(read_text(world.folder() / "state/agentd/agentd.log").find("hunter2") ==
          std::string::npos);
    // A name that is no file's name reaches no program.
    CHECK(
        world.agentctl({"targets", "read", "-id", target_id, "-token-name", "../../etc/x"}).exit ==
        1);
}
