#include "controller/cluster_settings.hpp"
#include "controller/connection.hpp"

#include "support/catch.hpp"

#include <boost/asio/error.hpp>
#include <nlohmann/json.hpp>

using namespace agent;
using namespace agent::controller;

TEST_CASE("an address is taken apart once") {
    const auto https = settings_for("https://boundary.example.com/v1/").value();
    CHECK(https.address == "https://boundary.example.com");
    CHECK(https.tls);
    CHECK(https.host == "boundary.example.com");
    CHECK(authority(settings_for("http://[::1]:9200").value()) == "[::1]:9200");
    CHECK(authority(settings_for("http://127.0.0.1:1").value()) == "127.0.0.1:1");
    CHECK(authority(settings_for("unix:///run/c.sock").value()) == "/run/c.sock");
    CHECK(settings_for("").value().address == default_address);
    const auto wrong = settings_for("ftp://x");
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == Errc::invalid_argument);
    CHECK(wrong.error().message.find("ftp://x") != std::string::npos);
}

TEST_CASE("settings come back from their JSON as they were") {
    auto settings = settings_for("https://c.example:9201").value();
    settings.ca_cert = "/ca.pem";
    settings.ca_path = "/ca";
    settings.client_cert = "/cert.pem";
    settings.client_key = "/key.pem";
    settings.tls_server_name = "name";
    settings.tls_insecure = true;
    settings.allow_foreign_listener = true;
    settings.timeout = std::chrono::milliseconds(1234);
    settings.max_retries = 3;
    CHECK(settings_from_json(settings_to_json(settings)).value() == settings);
    const auto plain = settings_for("http://c.example").value();
    CHECK(settings_from_json(settings_to_json(plain)).value() == plain);
    CHECK_FALSE(settings_from_json(Json::parse(R"({"address":"gopher://x"})")).has_value());
}

TEST_CASE("no risk is taken that was not asked for") {
    const auto json = settings_to_json(settings_for("https://c.example").value());
    CHECK_FALSE(json.contains("tls_insecure"));
    CHECK_FALSE(json.contains("allow_foreign_listener"));
    for (const auto* flag : {"tls_insecure", "allow_foreign_listener"}) {
        for (const auto* said : {"null", "0", "1", "\"true\"", "[]", "{}", "false"}) {
            const auto settings = settings_from_json(Json::parse(
                R"({"address":"https://c.example",")" + std::string(flag) + "\":" + said + "}"));
            REQUIRE(settings.has_value());
            CHECK_FALSE(settings->tls_insecure);
            CHECK_FALSE(settings->allow_foreign_listener);
            CHECK(verified(*settings));
        }
    }
}

TEST_CASE("a way is protected by verified TLS, or by this machine alone") {
    const auto way = [](const std::string& address, bool insecure = false) {
        auto settings = settings_for(address).value();
        settings.tls_insecure = insecure;
        return protected_route(settings);
    };
    for (const auto* good : {"https://c.example", "https://10.0.0.1:9200", "http://127.0.0.1:9200",
                             "http://127.8.9.10:1", "http://[::1]:9200", "http://localhost:9200",
                             "unix:///run/c.sock"}) {
        INFO(good);
        CHECK(way(good));
    }
    for (const auto* bad :
         {"http://c.example", "http://10.0.0.1:9200", "http://127.evil.example", "http://0.0.0.0:1",
          "http://localhost.evil.example", "http://[::2]:1"}) {
        INFO(bad);
        CHECK_FALSE(way(bad));
    }
    CHECK_FALSE(way("https://c.example", true));
    CHECK(way("https://127.0.0.1:9200", true)); // nobody else is between
}

TEST_CASE("the system's words start small, its acronyms do not") {
    CHECK(reason(boost::asio::error::connection_refused) == "connection refused");
    CHECK(reason(boost::asio::error::eof) == "end of file");
    CHECK(reason(boost::system::error_code()).front() == 's');
}
