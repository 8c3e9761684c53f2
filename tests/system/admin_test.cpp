// Administrative commands against the real dev server: what one makes the next one finds, changes,
// fills, empties and deletes. The rows themselves are walked by unit/agentctl/rows_test.cpp.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

using namespace agent::test;
using agent::Json;

namespace {

struct Administration {
    DevEnvironment world;
    std::string org, project;

    Administration() {
        world.environment["P1"] = "secret-one";
        world.environment["P2"] = "secret-two";
        world.login();
        org = made({"scopes", "create", "-name", "acme"});
        project = made({"scopes", "create", "-scope-id", org, "-name", "shop"});
    }
    /// The id of what the command makes.
    std::string made(std::vector<std::string> words) {
        return world.agentctl_json(std::move(words)).at("item").at("id").get<std::string>();
    }
    Json item(std::vector<std::string> words) {
        return world.agentctl_json(std::move(words)).at("item");
    }
    std::string refused(std::vector<std::string> words, int code) {
        const auto ended = world.agentctl(std::move(words));
        CHECK(ended.exit == code);
        CHECK(ended.out.empty());
        return ended.err;
    }
};

} // namespace

TEST_CASE("admin: users, accounts and groups are made, joined, parted and deleted") {
    Administration at;
    const auto user = at.made({"users", "create", "-name", "ann", "-description", "a user"});
    const auto account = at.made({"accounts", "create", "password", "-auth-method-id",
                                  auth_method_id, "-login-name", "ann", "-password", "env://P1"});
    CHECK(at.item({"users", "add-accounts", "-id", user, "-account", account}).at("account_ids") ==
          Json::array({account}));
    CHECK(at.world.agentctl({"accounts", "set-password", "-id", account, "-password", "env://P2"})
              .exit == 0);
    CHECK(at.world
              .agentctl({"accounts", "change-password", "-id", account, "-current-password",
                         "env://P2", "-new-password", "env://P1"})
              .exit == 0);
    CHECK(at.refused({"accounts", "change-password", "-id", account, "-current-password",
                      "env://P2", "-new-password", "env://P1"},
                     1)
              .find("change-password on account") != std::string::npos);
    // A variable that is not set is an empty password, and the controller says what it wants.
    CHECK(at.refused({"accounts", "create", "password", "-auth-method-id", auth_method_id,
                      "-login-name", "bob", "-password", "env://NOSUCH"},
                     1)
              .find("longer than 8") != std::string::npos);
    at.world.environment["PW"] = "secret-one";
    at.world.login("ann");
    at.world.environment["PW"] = "password";
    at.world.login();

    const auto group = at.made({"groups", "create", "-scope-id", at.org, "-name", "prodops"});
    CHECK(
        at.item({"groups", "add-members", "-id", group, "-member", user, "-member", "u_1234567890"})
            .at("member_ids")
            .size() == 2);
    CHECK(at.item({"groups", "remove-members", "-id", group, "-member", "u_1234567890"})
              .at("member_ids") == Json::array({user}));
    CHECK_FALSE(
        at.item({"groups", "set-members", "-id", group, "-member", "null"}).contains("member_ids"));
    const Json renamed = at.item({"update", group, "-name", "ops", "-description", "who operates"});
    CHECK(renamed.at("name") == "ops");
    CHECK_FALSE(at.item({"groups", "update", "-id", group, "-description", "null"})
                    .contains("description"));
    CHECK(at.world.agentctl({"delete", group}).out ==
          "The delete operation completed successfully.\n");
    CHECK(at.refused({"groups", "read", "-id", group}, 1).find("NotFound") != std::string::npos);
}

TEST_CASE("admin: roles are given grants, principals and scopes, and what they say holds") {
    Administration at;
    const auto role = at.made({"roles", "create", "-scope-id", at.org, "-name", "readers"});
    const Json granted = at.item({"roles", "add-grants", "-id", role, "-grant",
                                  "ids=*;type=target;actions=list,read", "-grant",
                                  "ids=*;type=session;actions=list"});
    CHECK(granted.at("grant_strings").size() == 2);
    CHECK(at.item({"roles", "set-grants", "-id", role, "-grant", "ids=*;type=*;actions=read"})
              .at("grant_strings") == Json::array({"ids=*;type=*;actions=read"}));
    CHECK(at.refused({"roles", "add-grants", "-id", role, "-grant", "what=is this"}, 3)
              .find("could not be parsed") != std::string::npos);
    CHECK(at.item({"roles", "add-principals", "-id", role, "-principal", "u_anon"})
              .at("principal_ids") == Json::array({"u_anon"}));
    CHECK(at.item({"roles", "set-grant-scopes", "-id", role, "-grant-scope-id", "this",
                   "-grant-scope-id", "children"})
              .at("grant_scope_ids")
              .size() == 2);
    const auto shown = at.world.agentctl({"roles", "read", "-id", role});
    CHECK(shown.out.find("\n  Canonical Grants:\n    ids=*;type=*;actions=read\n") !=
          std::string::npos);
    CHECK(
        shown.out.find("\n  Principals:\n    ID:             u_anon\n      Type:         user\n") !=
        std::string::npos);
    CHECK(at.world.agentctl_json({"roles", "list", "-scope-id", at.org}).at("items").size() >= 1);
}

TEST_CASE("admin: a target with hosts, credentials and an alias, from nothing to a session") {
    Administration at;
    const auto catalog = at.made({"host-catalogs", "create", "static", "-scope-id", at.project});
    const auto host = at.made(
        {"hosts", "create", "static", "-host-catalog-id", catalog, "-address", "127.0.0.1"});
    const auto set = at.made({"host-sets", "create", "static", "-host-catalog-id", catalog});
    CHECK(at.item({"host-sets", "add-hosts", "-id", set, "-host", host}).at("host_ids") ==
          Json::array({host}));
    const auto target = at.made({"targets", "create", "tcp", "-scope-id", at.project, "-name", "db",
                                 "-default-port", "5432"});
    CHECK(at.item({"targets", "add-host-sources", "-id", target, "-host-source", set})
              .at("host_source_ids") == Json::array({set}));
    const auto store = at.made({"credential-stores", "create", "static", "-scope-id", at.project});
    const auto credential =
        at.made({"credentials", "create", "username-password", "-credential-store-id", store,
                 "-username", "ann", "-password", "env://P1"});
    const auto object = at.made({"credentials", "create", "json", "-credential-store-id", store,
                                 "-kv", "n=5", "-string-kv", "s=5"});
    CHECK(object.starts_with("credjson_"));
    CHECK(at.item({"targets", "add-credential-sources", "-id", target,
                   "-brokered-credential-source", credential})
              .at("brokered_credential_source_ids") == Json::array({credential}));
    const auto alias = at.made({"aliases", "create", "target", "-value", "shop.db",
                                "-destination-id", target, "-authorize-session-host-id", host});
    CHECK(at.item({"aliases", "read", "-id", alias}).at("destination_id") == target);
    CHECK(at.item({"targets", "read", "shop.db"}).at("id") == target);
    const Json session = at.item({"targets", "authorize-session", "shop.db"});
    CHECK(session.at("endpoint") == "tcp://127.0.0.1:5432");
    CHECK(session.at("credentials").at(0).at("secret").at("decoded").at("password") ==
          "secret-one");

    CHECK(at.refused({"targets", "update", "tcp", "-id", target, "-name", "x", "-version", "77"}, 1)
              .find("update on tcp-type target") != std::string::npos);
    CHECK(at.refused({"targets", "create", "tcp", "-scope-id", at.project, "-name", "y"}, 1)
              .find("    Name:              -default-port\n") != std::string::npos);
    CHECK(at.item({"update", target, "-session-max-seconds", "600", "-address", ""})
              .at("session_max_seconds") == 600);
    CHECK(at.world.agentctl({"delete", at.org}).exit == 0);
    CHECK(at.refused({"targets", "read", "-id", target}, 1).find("NotFound") != std::string::npos);
}

TEST_CASE("admin: keys, workers, auth methods and what only Enterprise has") {
    Administration at;
    const auto keys = at.world.agentctl({"scopes", "list-keys", "-scope-id", at.org});
    CHECK(keys.out.starts_with("\nKey information:\n  ID:          k"));
    CHECK(at.world.agentctl({"scopes", "rotate-keys", "-scope-id", at.org}).out ==
          "The rotate operation completed successfully.\n");
    CHECK(at.item({"workers", "create", "controller-led", "-name", "frankfurt"})
              .contains("controller_generated_activation_token"));
    CHECK(at.world.agentctl({"workers", "certificate-authority", "read"})
              .out.starts_with("\nWorker certificate authority information:\n"));
    const auto method = at.made({"auth-methods", "create", "password", "-scope-id", at.org});
    CHECK(at.item({"auth-methods", "update", "password", "-id", method, "-min-login-name-length",
                   "4"})
              .at("attributes")
              .at("min_login_name_length") == 4);
    for (const char* enterprise : {"policies", "storage-buckets", "session-recordings"})
        CHECK(at.refused({enterprise, "list"}, 1)
                  .find("Error from controller when performing "
                        "list on ") != std::string::npos);
}

TEST_CASE("admin: a caller's token is used and kept nowhere, and no log holds a password") {
    Administration at;
    at.world.environment["TOK"] = at.world.token("user");
    CHECK(at.refused({"users", "create", "-name", "x", "-token", "env://TOK"}, 1)
              .find("PermissionDenied") != std::string::npos);
    CHECK(at.item({"users", "create", "-name", "x"}).at("name") ==
          "x"); // the stored one still is admin
    const auto account = at.made({"accounts", "create", "password", "-auth-method-id",
                                  auth_method_id, "-login-name", "bob", "-password", "env://P1"});
    const auto token = at.world.environment["TOK"];
    for (const auto& file : std::filesystem::recursive_directory_iterator(at.world.folder().path()))
        if (file.is_regular_file()) {
            const std::string text = read_text(file.path());
            INFO(file.path());
            CHECK(text.find("secret-one") == std::string::npos);
            CHECK(text.find(token) == std::string::npos);
        }
}
