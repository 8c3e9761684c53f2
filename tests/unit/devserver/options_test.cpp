// What agentctl dev may be told.

#include "devserver/options.hpp"
#include "support/catch.hpp"

#include <cstdlib>

using devserver::parse_options;

namespace {

std::string complaint(std::vector<std::string> words) {
    const auto parsed = parse_options(words);
    return parsed ? "" : parsed.error().message;
}

} // namespace

TEST_CASE("dev options: where the worker is reached, with its usual port when none is said") {
    const auto address = [](const std::string& text) {
        return parse_options({"-worker-public-address", text}).value().worker_public_address;
    };
    CHECK(address("worker.example") == "worker.example:9202");
    CHECK(address("worker.example:443") == "worker.example:443");
    CHECK(address("::1") == "[::1]:9202");
    CHECK(address("[::1]:443") == "[::1]:443");
    CHECK_FALSE(complaint({"-worker-public-address", "worker.example:http"}).empty());
    CHECK_FALSE(complaint({"-worker-public-address", ""}).empty());
}

TEST_CASE("dev options: a flag counts more than its variable, and both are checked") {
    ::setenv("BOUNDARY_DEV_TARGET_DEFAULT_PORT", "5432", 1);
    CHECK(parse_options({}).value().seed.target_default_port == 5432);
    CHECK(parse_options({"-target-default-port=22"}).value().seed.target_default_port == 22);
    ::setenv("BOUNDARY_DEV_TARGET_DEFAULT_PORT", "70000", 1);
    CHECK(complaint({}).find("BOUNDARY_DEV_TARGET_DEFAULT_PORT") != std::string::npos);
    ::unsetenv("BOUNDARY_DEV_TARGET_DEFAULT_PORT");
}

TEST_CASE("dev options: what is wrong is named") {
    CHECK(complaint({"-nonsense"}).find("-nonsense") != std::string::npos);
    CHECK(complaint({"stray"}).find("stray") != std::string::npos);
    CHECK(complaint({"-password"}).find("-password") != std::string::npos);
    CHECK(complaint({"-password", "short"}).find("8 characters") != std::string::npos);
    CHECK(complaint({"-target-session-connection-limit", "0"}).find("greater than zero") !=
          std::string::npos);
    CHECK(complaint({"-id-suffix", "too short"}).find("ten letters") != std::string::npos);
    CHECK(parse_options({"-h"}).value().help);
}

TEST_CASE("dev options: the OIDC and the LDAP auth method can be left out, by a flag that takes no "
          "value of its own") {
    CHECK(parse_options({}).value().seed.oidc_auth_method);
    CHECK(parse_options({}).value().seed.ldap_auth_method);
    const auto options =
        parse_options({"-skip-oidc-auth-method-creation", "-target-default-port", "5432"}).value();
    CHECK_FALSE(options.seed.oidc_auth_method);
    CHECK(options.seed.ldap_auth_method);
    CHECK(options.seed.target_default_port == 5432);
    CHECK_FALSE(parse_options({"-skip-ldap-auth-method-creation"}).value().seed.ldap_auth_method);
    CHECK(parse_options({"-skip-ldap-auth-method-creation=false"}).value().seed.ldap_auth_method);
    CHECK(complaint({"-skip-ldap-auth-method-creation=maybe"}).find("true or false") !=
          std::string::npos);
}
