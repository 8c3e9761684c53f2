#include "devserver/store/password_hash.hpp"
#include "devserver/store/seed.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

#include <filesystem>

using namespace devserver;

namespace {

struct StateFile {
    std::string path() const { return folder / "state.db"; }
    /// Everything on disk: the file and its journal.
    std::string bytes() const {
        std::string all;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            all += agent::test::read_text(entry.path());
        return all;
    }
    agent::test::TempDir folder;
};

SeedOptions options() {
    SeedOptions seed;
    seed.password = Secret("correct-horse-battery");
    return seed;
}

} // namespace

TEST_CASE("a state file keeps resources, logins and sessions; connections left open are closed as "
          "a system error") {
    StateFile file;
    Secret token;
    {
        Store store(file.path());
        seed(store, options(), DevConfig{});
        const auto account =
            store.accounts.log_in("ampw_1234567890", "admin", Secret("correct-horse-battery"));
        REQUIRE(account);
        token = store.auth_tokens.issue(*account).text;
        Session session;
        session.id = "s_0123456789";
        session.user_id = "u_1234567890";
        session.expiration = agent::wall_now() + std::chrono::hours(1);
        store.sessions.create(session, "p_1234567890");
        REQUIRE(store.sessions.activate_session(session.id, Secret("01234567890123456789"), 1)
                    .has_value());
        REQUIRE(store.sessions.authorize_connection(session.id).has_value());
    }
    Store store(file.path());
    CHECK_FALSE(store.empty());
    CHECK(store.resources.find("ttcp_0987654321"));
    CHECK(store.authenticate(token.reveal()));
    const auto record = store.sessions.lookup_session("s_0123456789");
    REQUIRE(record.has_value());
    CHECK(record->status == SessionStatus::active);
    CHECK(record->tofu_token == Secret("01234567890123456789"));
    CHECK(store.sessions.connections("s_0123456789").at(0).closed_reason == "system error");
}

TEST_CASE("passwords and auth tokens are not in the file, which only its owner can read") {
    StateFile file;
    Store store(file.path());
    seed(store, options(), DevConfig{});
    const auto account =
        store.accounts.log_in("ampw_1234567890", "admin", Secret("correct-horse-battery"));
    REQUIRE(account);
    const auto issued = store.auth_tokens.issue(*account);
    const auto bytes = file.bytes();
    CHECK(bytes.find("correct-horse-battery") == std::string::npos);
    CHECK(bytes.find(issued.text.reveal().substr(issued.token.id.size() + 1)) == std::string::npos);
    CHECK(bytes.find(issued.token.id) !=
          std::string::npos); // so the search above looked at the right bytes
    struct stat found{};
    REQUIRE(::stat(file.path().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a second dev server on the same state file fails instead of sharing it") {
    StateFile file;
    Store store(file.path());
    seed(store, options(), DevConfig{});
    CHECK_THROWS_WITH(Store(file.path()), "state file \"" + file.path() + "\": database is locked");
}

TEST_CASE("a seed that fails leaves nothing behind") {
    Store store(":memory:");
    DevConfig config;
    config.orgs.resize(2);
    config.orgs[0].name = config.orgs[1].name = "twice";
    CHECK_THROWS_AS(seed(store, options(), config), DatabaseError);
    CHECK(store.empty());
    CHECK(store.setting("id_suffix").empty());
}

TEST_CASE("a password matches its own hash only, and no two hashes are alike") {
    const Secret password("correct-horse-battery");
    const auto hash = hash_password(password);
    CHECK(password_matches(password, hash));
    CHECK_FALSE(password_matches(Secret("correct-horse-batterz"), hash));
    CHECK_FALSE(password_matches(password, "nonsense"));
    CHECK(hash != hash_password(password));
}

TEST_CASE("a state file from before there were keys of scopes gets them, one of a newer server is "
          "refused") {
    StateFile file;
    {
        Store store(file.path());
        seed(store, options(), DevConfig{});
        store.database.script("DROP TABLE scope_key_version; PRAGMA user_version=1");
    }
    {
        Store store(file.path());
        const auto org = store.resources.find("o_1234567890").value();
        const auto keys = store.scope_keys.of(org);
        CHECK(keys.size() == 7);
        CHECK(keys.front().versions.front().created == org.created);
        store.remove(org);
        CHECK(store.database.number("SELECT count(*) FROM scope_key_version") == 0);
        store.database.script("PRAGMA user_version=3");
    }
    CHECK_THROWS_AS(Store(file.path()), DatabaseError);
}
