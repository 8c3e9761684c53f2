#include "agentctl/output/item_table.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agentctl;

namespace {

agent::Json json(const std::string& text) {
    const auto parsed = agent::parse_json(text);
    REQUIRE(parsed);
    return *parsed;
}

} // namespace

TEST_CASE("item table: a session with its scope, actions, states and connections") {
    CHECK(item_table(*find_resource("sessions"), json(R"({
        "id":"s_1","target_id":"ttcp_1","scope":{"id":"p_1","type":"project","name":"Shop","parent_scope_id":"o_1"},
        "created_time":"2026-01-02T03:04:05.6Z","updated_time":"2026-01-02T03:04:07Z","version":2,"type":"tcp",
        "expiration_time":"2026-01-02T11:04:05Z","auth_token_id":"at_1","user_id":"u_1","endpoint":"tcp://10.0.0.1:22",
        "states":[{"status":"active","start_time":"2026-01-02T03:04:06Z"},
                  {"status":"pending","start_time":"2026-01-02T03:04:05Z","end_time":"2026-01-02T03:04:06Z"}],
        "status":"active","authorized_actions":["read:self","cancel:self"],
        "connections":[{"client_tcp_address":"127.0.0.1","client_tcp_port":5000,"endpoint_tcp_address":"fe80::1",
                        "endpoint_tcp_port":22,"bytes_up":"77"}]})")) == R"(
Session information:
  Auth Token ID:       at_1
  Created Time:        Fri, 02 Jan 2026 03:04:05 UTC
  Endpoint:            tcp://10.0.0.1:22
  Expiration Time:     Fri, 02 Jan 2026 11:04:05 UTC
  ID:                  s_1
  Status:              active
  Target ID:           ttcp_1
  Type:                tcp
  Updated Time:        Fri, 02 Jan 2026 03:04:07 UTC
  User ID:             u_1
  Version:             2

  Scope:
    ID:                p_1
    Name:              Shop
    Parent Scope ID:   o_1
    Type:              project

  Authorized Actions:
    read:self
    cancel:self

  States:
    Start Time:        Fri, 02 Jan 2026 03:04:06 UTC
    Status:            active

    End Time:          Fri, 02 Jan 2026 03:04:06 UTC
    Start Time:        Fri, 02 Jan 2026 03:04:05 UTC
    Status:            pending


  Connections:
    Bytes Down:        0
    Bytes Up:          77
    Client Address:    127.0.0.1:5000
    Endpoint Address:  [fe80::1]:22

)");
}

TEST_CASE("item table: a target's longest label moves every value, attributes come last") {
    CHECK(item_table(*find_resource("targets"),
                     json(R"({"id":"ttcp_1","version":1,"type":"tcp","name":"db",
        "session_max_seconds":60,"session_connection_limit":-1,"attributes":{"default_port":22,"default_client_port":2200},
        "address":"","host_sources":[{"id":"hsst_1","host_catalog_id":"hcst_1"}]})")) == R"(
Target information:
  ID:                         ttcp_1
  Name:                       db
  Session Connection Limit:   -1
  Session Max Seconds:        60
  Type:                       tcp
  Version:                    1

  Host Sources:
    Host Catalog ID:          hcst_1
    ID:                       hsst_1


  Attributes:
    Default Client Port:      2200
    Default Port:             22
)");
}

TEST_CASE("authorization table: the token on a line of its own, an empty host id shown, "
          "credentials not wrapped") {
    const std::string token(900, 'x');
    agent::Json item = json(R"({"session_id":"s_1","target_id":"ttcp_1","scope":{"id":"p_1"},
        "created_time":"2026-01-02T03:04:05Z","user_id":"u_1","type":"tcp","endpoint":"tcp://10.0.0.1:22"})");
    item["authorization_token"] = token;
    CHECK(authorization_table(item) ==
          "\nTarget information:\n  Authorization Token:\n  " + token + R"(
  Created Time:          Fri, 02 Jan 2026 03:04:05 UTC
  Endpoint:              tcp://10.0.0.1:22
  Host ID:
  Scope ID:              p_1
  Session ID:            s_1
  Target ID:             ttcp_1
  Type:                  tcp
  User ID:               u_1

)");
    item["credentials"] =
        json(R"([{"credential_source":{"id":"credup_1","name":"shop","credential_store_id":"csst_1",
        "type":"static","credential_type":"username_password"},"credential":{"username":"bob","password":"a  b "}}])");
    const std::string text = authorization_table(item);
    CHECK(text.ends_with("\n  Credentials:\n"
                         "    Credential Store ID:           csst_1\n"
                         "    Credential Source ID:          credup_1\n"
                         "    Credential Source Type:        static\n"
                         "    Credential Source Name:        shop\n"
                         "    Credential Type:               username_password\n"
                         "    Secret:\n"
                         "      username:   bob\n"
                         "      password:   a  b \n\n"));
}

TEST_CASE("login table: who and until when, never the token") {
    CHECK(
        login_table(json(
            R"({"attributes":{"account_id":"acctpw_1","auth_method_id":"ampw_1","token":"at_1_s1x",
        "expiration_time":"2026-01-09T03:04:05Z","user_id":"u_1"}})")) == R"(
Authentication information:
  Account ID:      acctpw_1
  Auth Method ID:  ampw_1
  Expiration Time: Fri, 09 Jan 2026 03:04:05 UTC
  User ID:         u_1
)");
}
