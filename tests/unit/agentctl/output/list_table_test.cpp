// Layout proved equal, byte for byte, to recorded tables of the reference command; the fixtures are
// our own.

#include "agentctl/output/list_table.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agentctl;

namespace {

std::vector<agent::Json> items(const std::string& text) {
    const auto parsed = agent::parse_json(text);
    return {parsed->begin(), parsed->end()};
}

} // namespace

TEST_CASE("list table: nothing to list is a sentence") {
    CHECK(list_table(*find_resource("auth-methods"), {}, false) == "No auth methods found\n");
}

TEST_CASE("list table: items with aligned values, wrapped descriptions, actions one per line") {
    const auto targets = items(R"([
        {"id":"ttcp_1","scope_id":"p_1","version":3,"type":"tcp","name":"db","address":"10.0.0.1",
         "description":"The database of the shop, to be reached with care and only from nine to five on working days",
         "authorized_actions":["read","authorize-session"]},
        {"id":"ttcp_2","scope_id":"p_2","version":1,"type":"tcp","name":"web","address":""}])");
    CHECK(list_table(*find_resource("targets"), targets, false) == R"(
Target information:
  ID:                    ttcp_1
    Version:             3
    Type:                tcp
    Name:                db
    Description:         The database of the shop, to be reached with care and
    only from nine to five on working days
    Address:             10.0.0.1
    Authorized Actions:
      read
      authorize-session

  ID:                    ttcp_2
    Version:             1
    Type:                tcp
    Name:                web
)");
    const std::string recursive = list_table(*find_resource("targets"), targets, true);
    CHECK(recursive.find(
              "  ID:                    ttcp_2\n    Scope ID:            p_2\n    Version: ") !=
          std::string::npos);
}

TEST_CASE("list table: auth methods and tokens have columns of their own") {
    CHECK(list_table(*find_resource("auth-methods"),
                     items(R"([{"id":"ampw_1","version":1,"type":"password","is_primary":true}])"),
                     false) == R"(
Auth Method information:
  ID:                     ampw_1
    Version:              1
    Type:                 password
    Is Primary For Scope: true
)");
    CHECK(
        list_table(
            *find_resource("auth-tokens"),
            items(
                R"([{"id":"at_1","approximate_last_used_time":"2026-01-02T03:04:05.6Z","user_id":"u_1"}])"),
            false)
            .starts_with("\nAuth Token information:\n  ID:                            at_1\n"
                         "    Approximate Last Used Time:  Fri, 02 Jan 2026 03:04:05 UTC\n"
                         "    User ID:                     u_1\n"));
}

TEST_CASE("list table: a hidden id is said to be hidden, and names cannot move the cursor") {
    const std::string text =
        list_table(*find_resource("users"), items(R"([{"name":"a\u001b[2Jb\u009bc\nd"}])"), false);
    CHECK(text == "\nUser information:\n  ID:                    (not available)\n    Name:        "
                  "        a [2Jb c d\n");
}
