// To whom a login that names no cluster is shown: Boundary's own command left it in `pass`, which a
// script plays here.

#include "unit/agent/agent_stage.hpp"

#include "base/base64.hpp"
#include "base/time.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Holds the login at_1 under the name "default", for as long as it lives.
class PassScript {
  public:
    explicit PassScript(const std::string& token = "at_1_secret",
                        std::chrono::seconds lifetime = 1h) {
        const Json login{{"id", "at_1"},
                         {"token", token},
                         {"expiration_time", format_rfc3339(wall_now() + lifetime)}};
        const auto data = base64_encode(base64_encode(dump_json(login), false));
        folder_.folder("store");
        folder_.folder("store/HashiCorp_Boundary");
        folder_.file("store/HashiCorp_Boundary/default.gpg", "sealed");
        folder_.file("item", dump_json(Json{{"Key", "default"}, {"Data", data}}));
        const auto script =
            folder_.file("pass", "#!/bin/sh\ncat " + (folder_.path() / "item").string() + "\n");
        std::filesystem::permissions(script, std::filesystem::perms::owner_all);
        path_ = std::getenv("PATH");
        ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
        ::setenv("PASSWORD_STORE_DIR", (folder_.path() / "store").c_str(), 1);
    }
    ~PassScript() {
        ::setenv("PATH", path_.c_str(), 1);
        ::unsetenv("PASSWORD_STORE_DIR");
    }

  private:
    TempDir folder_;
    std::string path_;
};

ClusterChoice named(const std::string& address) {
    ClusterChoice choice;
    choice.settings = controller::settings_for(address).value();
    choice.settings.timeout = 20s;
    choice.named = true;
    return choice;
}

std::string port_of(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

} // namespace

TEST_CASE("borrow: a login serves for the cluster that was named and says that it is its own") {
    const PassScript pass;
    auto story = [](AgentStage& stage) -> awaitable<void> {
        (void)co_await stage.agent.read(named(stage.controller.address()), "targets", "ttcp_1");
        CHECK(stage.controller.count("GET /v1/auth-tokens/at_1") == 1);
        REQUIRE(stage.logins.list().size() == 1);
        CHECK(stage.logins.list()[0].keyring == "pass");
    };
    tell(story);
}

TEST_CASE("borrow: a login is shown to no address over plain http but a loopback one, whatever its "
          "name begins with") {
    const PassScript pass;
    // Both lead to this machine here; elsewhere a name leads where its owner wants.
    const std::string host = GENERATE("0.0.0.0", "127.1");
    auto story = [host](AgentStage& stage) -> awaitable<void> {
        INFO(host);
        auto choice = named("http://" + host + ":" + port_of(stage.controller.address()));
        (void)co_await stage.agent.read(std::move(choice), "targets", "ttcp_1");
        if (host == "0.0.0.0")
            CHECK(stage.controller.count("/v1/targets/ttcp_1") == 1); // the way leads there
        CHECK(stage.controller.count("/v1/auth-tokens") == 0);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}

TEST_CASE("borrow: nor to one that nobody named, nor over TLS that nobody verifies") {
    const PassScript pass;
    auto story = [](AgentStage& stage) -> awaitable<void> {
        auto unnamed = named(stage.controller.address());
        unnamed.named = false;
        (void)co_await stage.agent.read(std::move(unnamed), "targets", "ttcp_1");
        CHECK(stage.controller.count("/v1/auth-tokens") == 0);
        auto unverified = controller::settings_for("https://boundary.example").value();
        CHECK(controller::protected_route(unverified));
        unverified.tls_insecure = true;
        CHECK_FALSE(controller::protected_route(unverified));
        CHECK_FALSE(controller::protected_route(
            controller::settings_for("http://127.evil.example").value()));
    };
    tell(story);
}

TEST_CASE("borrow: a login that one cluster has accepted is shown to no second one") {
    const PassScript pass;
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in(); // at_1 is this controller's
        DirectedController other;
        (void)co_await stage.agent.read(named(other.address()), "targets", "ttcp_1");
        CHECK(other.count("/v1/targets/ttcp_1") == 1);
        CHECK(other.count("/v1/auth-tokens") == 0);
        CHECK(stage.logins.list().size() == 1);
    };
    tell(story);
}

TEST_CASE("borrow: whoever answers 200 and does not name the login has not accepted it") {
    const PassScript pass;
    auto story = [](AgentStage& stage) -> awaitable<void> {
        stage.controller.answer("GET /v1/auth-tokens", 200);
        (void)co_await stage.agent.read(named(stage.controller.address()), "targets", "ttcp_1");
        CHECK(stage.controller.count("GET /v1/auth-tokens/at_1") == 1);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}

TEST_CASE("borrow: what can be no token is not sent to anybody") {
    const PassScript pass(GENERATE(as<std::string>(), std::string("at_1_\r\nX-Evil: 1"),
                                   "at_1_" + std::string(9000, 'a')));
    auto story = [](AgentStage& stage) -> awaitable<void> {
        (void)co_await stage.agent.read(named(stage.controller.address()), "targets", "ttcp_1");
        CHECK(stage.controller.count("/v1/auth-tokens") == 0);
    };
    tell(story);
}

TEST_CASE("borrow: a login that has expired is shown to nobody") {
    const PassScript pass("at_1_secret", -1s);
    auto story = [](AgentStage& stage) -> awaitable<void> {
        (void)co_await stage.agent.read(named(stage.controller.address()), "targets", "ttcp_1");
        CHECK(stage.controller.count("/v1/targets/ttcp_1") == 1);
        CHECK(stage.controller.count("/v1/auth-tokens") == 0);
        CHECK(stage.logins.list().empty());
    };
    tell(story);
}
