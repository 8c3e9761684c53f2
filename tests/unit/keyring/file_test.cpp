// The file keyring's file: whose it is, what it shows, and which entry is for which login.

#include "keyring/file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace agent;
using namespace agent::keyring;
using agent::test::read_text;
using agent::test::TempDir;

namespace {

const Secret login(R"({"id":"at_1234567890","token":"at_1234567890_s1hunter2"})");
const Key cluster{"https://one.example", "default"};

/// A keyring that a credential of the service manager opens.
struct World {
    TempDir folder;
    const std::string path = folder / "logins.sealed";
    World() {
        folder.file("agentd-keyring", "a passphrase");
        ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    }
    ~World() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
    mode_t mode(const std::string& of) const {
        struct stat about{};
        REQUIRE(::stat(of.c_str(), &about) == 0);
        return about.st_mode & 07777;
    }
};

bool refused(const Result<std::optional<Secret>>& loaded) {
    return !loaded && loaded.error().code == Errc::keyring_failed &&
           loaded.error().message.find("hunter2") == std::string::npos;
}

} // namespace

TEST_CASE("file keyring: what others may read or write is not used") {
    World world;
    FileKeyring keyring(world.path);
    REQUIRE(keyring.store(cluster, login, std::nullopt).has_value());
    for (const mode_t mode : {0640, 0620, 0604, 0602, 0644, 0666}) {
        INFO(mode);
        REQUIRE(::chmod(world.path.c_str(), mode) == 0);
        const auto loaded = keyring.load(cluster);
        CHECK(refused(loaded));
        CHECK_FALSE(keyring.list().has_value());
        CHECK_FALSE(keyring.store(cluster, login, std::nullopt).has_value());
    }
    REQUIRE(::chmod(world.path.c_str(), 0600) == 0);
    CHECK(keyring.load(cluster)->has_value());
}

TEST_CASE("file keyring: another user's file is not used") {
    if (::geteuid() != 0) return; // only root can give one away
    World world;
    FileKeyring keyring(world.path);
    REQUIRE(keyring.store(cluster, login, std::nullopt).has_value());
    REQUIRE(::chown(world.path.c_str(), 65'534, 65'534) == 0);
    CHECK(refused(keyring.load(cluster)));
}

TEST_CASE("file keyring: a link is not followed, neither to read nor to write") {
    World world;
    const std::string elsewhere = world.folder / "elsewhere";
    {
        FileKeyring keyring(elsewhere);
        REQUIRE(keyring.store(cluster, login, std::nullopt).has_value());
    }
    std::filesystem::create_symlink(elsewhere, world.path);
    FileKeyring keyring(world.path);
    CHECK(refused(keyring.load(cluster)));
    std::filesystem::remove(world.path);

    const auto before = world.folder.file("victim", "as it was");
    std::filesystem::create_symlink(before, world.path);
    (void)keyring.store(cluster, login, std::nullopt);
    CHECK(read_text(before) == "as it was");
}

TEST_CASE("file keyring: what it writes is its owner's alone, whatever the umask") {
    World world;
    const mode_t usual = ::umask(0);
    FileKeyring keyring(world.path);
    const auto stored = keyring.store(cluster, login, std::nullopt);
    ::umask(usual);
    REQUIRE(stored.has_value());
    CHECK(world.mode(world.path) == 0600);
    CHECK(read_text(world.path).find("hunter2") == std::string::npos);
    CHECK(**keyring.load(cluster) == login);
}

TEST_CASE("file keyring: an entry is good for its own login, not under another's name") {
    World world;
    FileKeyring keyring(world.path);
    REQUIRE(keyring.store(cluster, login, std::nullopt).has_value());
    auto text = read_text(world.path);
    const auto at = text.find("\"default\"");
    REQUIRE(at != std::string::npos);
    text.replace(at, 9, "\"others\"");
    world.folder.file("logins.sealed", text);
    REQUIRE(::chmod(world.path.c_str(), 0600) == 0);
    CHECK(refused(keyring.load(Key{cluster.address, "others"})));
}

TEST_CASE("file keyring: each login is its own entry: one goes, the others stay") {
    World world;
    FileKeyring keyring(world.path);
    const Key other{"https://two.example", "default"}, third{cluster.address, "work"};
    for (const Key& key : {cluster, other, third})
        REQUIRE(keyring.store(key, Secret(key.address + key.token_name), std::nullopt));
    CHECK(keyring.list()->size() == 3);
    const auto gone = keyring.remove(other);
    REQUIRE(gone.has_value());
    CHECK(*gone);
    const auto again = keyring.remove(other);
    REQUIRE(again.has_value());
    CHECK_FALSE(*again);
    CHECK_FALSE(keyring.load(other)->has_value());
    CHECK((**keyring.load(third)).reveal() == "https://one.examplework");
    CHECK(keyring.list()->size() == 2);
}

TEST_CASE("file keyring: a damaged file is an error, never an empty keyring") {
    World world;
    for (const std::string text : {"", "{", "[]", "{}", R"({"logins":{}})", R"({"logins":7})"}) {
        INFO(text);
        world.folder.file("logins.sealed", text);
        REQUIRE(::chmod(world.path.c_str(), 0600) == 0);
        FileKeyring keyring(world.path);
        CHECK_FALSE(keyring.list().has_value());
        CHECK(refused(keyring.load(cluster)));
        CHECK_FALSE(keyring.store(cluster, login, std::nullopt).has_value());
        CHECK(read_text(world.path) == text); // nothing was written over it
    }
}
