// SessionVault: both secrets of a session, there for the next agentd where the kernel keeps keys.

#include "agent/session_vault.hpp"

#include "base/random.hpp"
#include "support/catch.hpp"

using namespace agent::core;
using agent::Secret;

TEST_CASE("vault: a session's secrets come back together, and are gone when forgotten or expired") {
    SessionVault vault("agentd-test:" + agent::random_base62(8) + ":");
    SessionSecrets secrets;
    secrets.authorization_token = Secret("authorization");
    secrets.tofu_token = Secret("01234567890123456789");
    vault.put("http://127.0.0.1:1", "s_1", secrets, agent::wall_now() + std::chrono::minutes(1));
    const auto found = vault.find("http://127.0.0.1:1", "s_1");
    REQUIRE(found);
    CHECK(found->authorization_token == secrets.authorization_token);
    CHECK(found->tofu_token == secrets.tofu_token);
    CHECK_FALSE(vault.find("http://127.0.0.1:2", "s_1"));
    vault.forget("http://127.0.0.1:1", "s_1");
    CHECK_FALSE(vault.find("http://127.0.0.1:1", "s_1"));
}
