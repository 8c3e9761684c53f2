// SessionVault: both secrets of a session, there for the next agentd where the kernel keeps keys,
// and small.

#include "agent/session/session_vault.hpp"

#include "base/random.hpp"
#include "boundary/session_authorization.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/boundary/real_tokens.hpp"

#include <keyutils.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

using namespace agent::core;
using agent::Secret;

namespace {

const std::string cluster = "https://boundary.example.com:9200";

SessionSecrets some_secrets() {
    SessionSecrets secrets;
    secrets.authorization_token = Secret(std::string(agent::boundary::test::token_with_host));
    secrets.tofu_token = Secret("01234567890123456789");
    return secrets;
}

std::string key_of(const Secret& token) {
    return std::string(
        agent::boundary::decode_authorization_token(token.reveal()).value().private_key.reveal());
}

/// Bytes and keys that this user has in the kernel's keyrings, as the kernel counts them.
std::pair<int, int> quota_in_use() {
    std::istringstream lines(
        agent::test::read_text("/proc/key-users")); // "1000:  5 4/4 3/200 58/20000"
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        unsigned uid = 0;
        std::string colon, usage, all, keys, bytes;
        char sign = 0;
        words >> uid >> sign >> usage >> all >> keys >> bytes;
        if (uid == ::geteuid()) return {std::stoi(bytes), std::stoi(keys)};
    }
    return {0, 0};
}

} // namespace

TEST_CASE("vault: a session's secrets come back together, and are gone when forgotten or expired") {
    SessionVault vault("agentd-test:" + agent::random_base62(8) + ":");
    const auto secrets = some_secrets();
    const auto open = vault.put("http://127.0.0.1:1", "s_1", secrets,
                                agent::wall_now() + std::chrono::minutes(1));
    const auto found = vault.find("http://127.0.0.1:1", "s_1", open);
    REQUIRE(found);
    CHECK(found->tofu_token == secrets.tofu_token);
    CHECK(key_of(found->authorization_token) == key_of(secrets.authorization_token));
    const auto before =
        agent::boundary::decode_authorization_token(secrets.authorization_token.reveal()).value();
    const auto after =
        agent::boundary::decode_authorization_token(found->authorization_token.reveal()).value();
    CHECK(after.session_id == before.session_id);
    CHECK(after.certificate == before.certificate);
    CHECK(after.workers == before.workers);
    CHECK(after.endpoint == before.endpoint);
    CHECK(after.expiration == before.expiration);
    CHECK(after.connection_limit == before.connection_limit);
    CHECK_FALSE(vault.find("http://127.0.0.1:2", "s_1", open));
    CHECK_FALSE(vault.find("http://127.0.0.1:1", "s_1", ""));
    vault.forget("http://127.0.0.1:1", "s_1");
    CHECK_FALSE(vault.find("http://127.0.0.1:1", "s_1", open));
}

TEST_CASE("vault: what it hands back for the database is no secret") {
    SessionVault vault("agentd-test:" + agent::random_base62(8) + ":");
    const auto secrets = some_secrets();
    const auto open = vault.put("http://127.0.0.1:1", "s_1", secrets,
                                agent::wall_now() + std::chrono::minutes(1));
    const auto key = key_of(Secret(open));
    CHECK(key.substr(0, 32) == std::string(32, '\0'));
    CHECK(key.substr(32) == key_of(secrets.authorization_token).substr(32)); // the public half
    vault.forget("http://127.0.0.1:1", "s_1");
}

TEST_CASE("vault: what an agentd before this one wrote is still understood") {
    const std::string prefix = "agentd-test:" + agent::random_base62(8) + ":";
    const auto secrets = some_secrets();
    agent::keyring::KernelKeyring kernel(prefix);
    const Secret both(std::string(secrets.tofu_token.reveal()) + "\n" +
                      std::string(secrets.authorization_token.reveal()));
    REQUIRE(kernel.store({"http://127.0.0.1:1", "s_1"}, both,
                         agent::wall_now() + std::chrono::minutes(1)));
    SessionVault vault(prefix);
    const auto found = vault.find("http://127.0.0.1:1", "s_1", "");
    REQUIRE(found);
    CHECK(found->authorization_token == secrets.authorization_token);
    CHECK(found->tofu_token == secrets.tofu_token);
    vault.forget("http://127.0.0.1:1", "s_1");
}

TEST_CASE("vault: the sessions of a hundred proxies fit into an ordinary user's keyring") {
    constexpr int sessions = 100;
    constexpr uid_t somebody = 54'321; // whom nobody else on this machine is
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) { // as an ordinary user: root's room is another
        if (::geteuid() == 0 && (::setresgid(somebody, somebody, somebody) != 0 ||
                                 ::setresuid(somebody, somebody, somebody) != 0))
            ::_exit(2);
        // As a login does it: what is in the user's keyring is possessed through the session's.
        if (::keyctl_join_session_keyring(nullptr) < 0 ||
            ::keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING) != 0)
            ::_exit(3);
        const std::string prefix = "agentd:session:" + agent::random_base62(2);
        SessionVault vault(prefix);
        const auto before = quota_in_use();
        agent::keyring::KernelKeyring kernel(prefix);
        int there = 0;
        for (int i = 0; i < sessions; ++i)
            vault.put(cluster, "s_12345678" + std::to_string(10 + i), some_secrets(),
                      agent::wall_now() + std::chrono::minutes(1));
        for (int i = 0; i < sessions; ++i) {
            const auto found =
                kernel.load({cluster, "s_12345678" + std::to_string(10 + i)}); // not in our memory
            there += found && found->has_value();
        }
        const auto after = quota_in_use();
        for (int i = 0; i < sessions; ++i)
            vault.forget(cluster, "s_12345678" + std::to_string(10 + i));
        const int told[] = {there, after.first - before.first, after.second - before.second};
        ::_exit(::write(ends[1], told, sizeof told) == sizeof told ? 0 : 1);
    }
    int told[3] = {};
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    REQUIRE(::read(ends[0], told, sizeof told) == sizeof told);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(told[0] == sessions);
    INFO(told[1] << " bytes of 20000, " << told[2] << " keys of 200");
    CHECK(told[1] > 0);
    CHECK(told[1] < 16'000); // a login needs room as well
    CHECK(told[2] <= sessions);
}
