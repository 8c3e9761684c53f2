// Unknown things and wrong words: what is printed and the exit code.

#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

using namespace agent::test;

TEST_CASE(
    "refusal: unknown targets, hosts, aliases, sessions and scopes are the controller's answer") {
    DevEnvironment world;
    world.login();
    check_refused(world.agentctl({"targets", "read", "-id", "ttcp_nosuchtarg"}), 1,
                  {"NotFound", "404"});
    check_refused(world.agentctl({"targets", "authorize-session", "-id", "ttcp_nosuchtarg"}), 1,
                  {"404"});
    check_refused(world.agentctl({"targets", "authorize-session", "-id", hosts_target_id,
                                  "-host-id", "hst_nosuchhost"}),
                  1, {"Error from controller when performing authorize-session"});
    check_refused(world.agentctl({"targets", "authorize-session", "no.such.alias"}), 1, {"404"});
    check_refused(world.agentctl({"connect", "no.such.alias"}), 1, {"404"});
    check_refused(world.agentctl({"connect", "-target-id", "ttcp_nosuchtarg"}), 1, {"404"});
    check_refused(world.agentctl({"sessions", "read", "-id", "s_nosuchsess"}), 1,
                  {"NotFound", "404"});
    check_refused(world.agentctl({"sessions", "cancel", "-id", "s_nosuchsess", "-format", "json"}),
                  1, {R"("status_code":404)", R"("kind":"NotFound")"});
    check_refused(world.agentctl({"sessions", "list", "-scope-id", "p_nosuchscop"}), 1, {"404"});
    check_refused(world.agentctl({"targets", "list"}), 1, {"400", "-scope-id"});
    CHECK(world.proxies().empty());
}

TEST_CASE("refusal: malformed ids are named") {
    DevEnvironment world;
    world.login();
    for (const char* id : {"nonsense", "ttcp_", "s_1234567890", "../../v1/users"}) {
        INFO(id);
        const auto ended = world.agentctl({"targets", "read", "-id", id});
        INFO(ended.out << ended.err);
        CHECK((ended.exit == 1 || ended.exit == 3));
        CHECK(ended.out.empty());
        CHECK_FALSE(ended.err.empty());
    }
}

TEST_CASE("refusal: unknown flags and verbs, missing ids and bad combinations are bad usage") {
    DevEnvironment world({.start_server = false});
    check_refused(world.agentctl({"sessions", "list", "-nosuch"}), 3,
                  {"flag provided but not defined: -nosuch"});
    check_refused(world.agentctl({"targets", "authorize-session"}), 3,
                  {"ID was not passed in, but no combination of name and scope ID/name was passed "
                   "in either"});
    check_refused(world.agentctl({"connect"}), 3, {"-target-id"});
    check_refused(world.agentctl({"connect", "-target-id", target_id, "-authz-token", "x"}), 3,
                  {"-authz-token"});
    check_refused(world.agentctl({"connect", "-target-id", target_id, "-listen-port", "70000"}), 3,
                  {"65535"});
    check_refused(world.agentctl({"sessions", "list", "-scope-id", project_id, "-format", "yaml"}),
                  1, {"Invalid output format: yaml"});
    check_refused(world.agentctl({"nosuchverb"}), 127, {"connect"}); // help, as Boundary's command
}

TEST_CASE("refusal: proxies that do not exist, names that are taken and ports that are in use are "
          "said so") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    check_refused(world.agentctl({"disconnect", "nosuch"}), 2, {"nosuch"});
    check_refused(world.agentctl({"attach", "nosuch"}), 2, {"nosuch"});
    world.connect_detached({"-target-id", target_id, "-name", "mine"});
    check_refused(world.agentctl({"connect", "-detach", "-target-id", target_id, "-name", "mine"}),
                  2, {"mine"});
    check_refused(world.agentctl({"connect", "-detach", "-target-id", target_id, "-listen-port",
                                  std::to_string(target.port())}),
                  2, {target.address(), "the port is in use by"});
    check_refused(
        world.agentctl({"connect", "-detach", "-target-id", target_id, "-name", "Bad Name"}), 3,
        {"Bad Name"});
    REQUIRE(world.proxies().size() == 1);
    // What was authorized for a proxy that could not start is not left behind.
    const auto sessions =
        world.agentctl_json({"sessions", "list", "-scope-id", project_id}).at("items");
    int open = 0;
    for (const auto& session : sessions)
        open += session.at("status") == "pending" || session.at("status") == "active";
    CHECK(open == 1);
}
