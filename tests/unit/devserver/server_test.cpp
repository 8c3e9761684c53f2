// The dev server as a whole: what it says of itself.

#include "devserver/server.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/temp_dir.hpp"

namespace {

/// What one start says.
std::string start(devserver::Options options) {
    options.api_address = options.proxy_address = "127.0.0.1:0";
    return agent::test::run([&](boost::asio::io_context& context) -> agent::awaitable<std::string> {
        devserver::Server server(context.get_executor(), options);
        const auto started = server.start();
        auto text = started ? server.description() : started.error().message;
        co_await server.stop();
        co_return text;
    });
}

} // namespace

TEST_CASE("dev server: says its passwords, but of a state file that is older than this start only "
          "what it knows") {
    const agent::test::TempDir folder;
    devserver::Options options;
    options.state = folder / "state.db";
    options.seed.id_suffix = "AAAAAAAAAA";
    options.seed.password = agent::Secret("correct-horse");
    const auto first = start(options);
    CHECK(first.find("Generated Admin Password: correct-horse") != std::string::npos);
    CHECK(first.find("ttcp_AAAAAAAAAA") != std::string::npos);
    devserver::Options later;
    later.state = options.state;
    CHECK(first.find("amldap_AAAAAAAAAA") != std::string::npos);
    later.seed.ldap_auth_method = false; // says nothing of what is there already
    const auto second = start(later);
    CHECK(second.find("amldap_AAAAAAAAAA") != std::string::npos);
    CHECK(second.find("Generated Admin Password: as the state file has it") != std::string::npos);
    CHECK(second.find("ttcp_AAAAAAAAAA") != std::string::npos);
}

TEST_CASE("dev server: a state file that cannot be is named") {
    devserver::Options options;
    options.state = "";
    CHECK_THROWS_WITH(start(options), "state file \"\": No such file or directory");
    options.state = "/proc/none/state.db";
    CHECK_THROWS_WITH(start(options),
                      "state file \"/proc/none/state.db\": No such file or directory");
}

TEST_CASE(
    "dev server: what was left out is not in its list, and an OIDC auth method knows where the "
    "API is") {
    devserver::Options options;
    options.seed.ldap_auth_method = false;
    options.api_address = options.proxy_address = "127.0.0.1:0";
    agent::test::run([&](boost::asio::io_context& context) -> agent::awaitable<void> {
        devserver::Server server(context.get_executor(), options);
        CHECK(server.start().has_value());
        CHECK(server.description().find("Generated Ldap Auth Method Id") == std::string::npos);
        CHECK(server.description().find("Generated Oidc Auth Method Id: amoidc_1234567890") !=
              std::string::npos);
        const auto oidc = server.store().resources.find("amoidc_1234567890");
        CHECK((oidc && agent::string_member(oidc->extra, "api_url_prefix") == server.api_url()));
        co_await server.stop();
    });
}
