#include "agentctl/output/proxy_text.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agentctl;

namespace {

ipc::Proxy proxy() {
    ipc::Proxy one;
    one.name = "db";
    one.state = "ready";
    one.address = "127.0.0.1";
    one.port = 4711;
    one.protocol = "tcp";
    one.expiration = "2026-01-02T11:04:05.25Z";
    one.connection_limit = -1;
    one.session_id = "s_1";
    return one;
}

} // namespace

TEST_CASE("proxy text: the listening block as table and as one JSON line") {
    CHECK(listening(proxy(), {}, false).as(Format::table) == R"(
Proxy listening information:
  Address:             127.0.0.1
  Connection Limit:    -1
  Expiration:          Fri, 02 Jan 2026 11:04:05 UTC
  Port:                4711
  Protocol:            tcp
  Session ID:          s_1
)");
    CHECK(listening(proxy(), {}, false).as(Format::json) ==
          "{\"address\":\"127.0.0.1\",\"port\":4711,\"protocol\":\"tcp\",\"expiration\":\"2026-01-"
          "02T11:04:05.25Z\","
          "\"connection_limit\":-1,\"session_id\":\"s_1\"}\n");
    CHECK(listening(proxy(), {}, true).as(Format::table).find("  Name:                db\n") !=
          std::string::npos);
}

TEST_CASE("proxy text: a limit that no session has told yet is unknown, and not 0") {
    auto one = proxy();
    one.connection_limit = 0;
    const std::string table = proxies_table({one});
    CHECK(table.find("limit") == std::string::npos);
    CHECK(table.find("0 open, 0 in all\n") != std::string::npos);
    CHECK(listening(one, {}, false).as(Format::table).find("  Connection Limit:    unknown\n") !=
          std::string::npos);
}

TEST_CASE("proxy text: brokered credentials follow the block, or stand alone beside a command") {
    const std::vector<agent::Json> credentials{
        *agent::parse_json(R"({"credential":{"password":"pw"}})")};
    CHECK(listening(proxy(), credentials, false)
              .as(Format::table)
              .ends_with("  Session ID:          s_1\n\n  Credentials:\n    Secret:\n      "
                         "password:        pw\n\n"));
    CHECK(brokered(credentials).as(Format::json) ==
          "{\"credentials\":[{\"credential\":{\"password\":\"pw\"}}]}\n");
    CHECK(brokered({}).as(Format::json).empty());
}

TEST_CASE("proxy text: the end and the connections left") {
    CHECK(termination("Received shutdown signal").as(Format::table) ==
          "\nTermination information:\n  Reason:   Received shutdown signal\n");
    CHECK(termination("Unknown").as(Format::json) == "{\"termination_reason\":\"Unknown\"}\n");
    CHECK(connections_left(2).as(Format::json) == "{\"connections_left\":2}\n");
    CHECK(connections_left(2).as(Format::table) ==
          "\nConnection information:\n  Connections Left:   2\n");
}

TEST_CASE("proxy text: the list of proxies") {
    CHECK(proxies_table({}) == "No proxies found\n");
    CHECK(proxies_table({proxy()}) == R"(
Proxy information:
  Name:                  db
    State:               ready
    Address:             127.0.0.1:4711
    Session ID:          s_1
    Expiration Time:     Fri, 02 Jan 2026 11:04:05 UTC
    Connections:         0 open, 0 in all, no limit
    Bytes:               0 up, 0 down
)");
}

TEST_CASE("proxy text: a proxy without a TCP port shows its socket instead") {
    auto one = proxy();
    one.address.clear();
    one.port = 0;
    one.socket_path = "/run/user/7/agentd/connect/db.sock";
    const auto table = listening(one, {}, false).as(Format::table);
    CHECK(table.find("  Socket:              /run/user/7/agentd/connect/db.sock\n") !=
          std::string::npos);
    CHECK(table.find("Port:") == std::string::npos);
    const auto json = agent::Json::parse(listening(one, {}, false).as(Format::json));
    CHECK(json.at("port") == 0);
    CHECK(json.at("socket_path") == one.socket_path);
    CHECK(local_endpoint(one).empty());
    CHECK(proxies_table({one}).find("Address:") == std::string::npos);
}
