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

const Secret file_login(R"({"id":"at_1234567890","token":"at_1234567890_s1hunter2"})");
const Key file_cluster{"https://one.example", "default"};

/// A keyring that a credential of the service manager opens.
struct FileWorld {
    TempDir folder;
    const std::string path = folder / "logins.sealed";
    FileWorld() {
        folder.file("agentd-keyring", "a passphrase");
        ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    }
    ~FileWorld() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
    mode_t mode(const std::string& of) const {
        struct stat about{};
        REQUIRE(::stat(of.c_str(), &about) == 0);
        return about.st_mode & 07777;
    }
};

bool refused_load(const Result<std::optional<Secret>>& loaded) {
    return !loaded && loaded.error().code == Errc::keyring_failed &&
           loaded.error().message.find("hunter2") == std::string::npos;
}

} // namespace

TEST_CASE("file keyring: what others may read or write is not used") {
    FileWorld world;
    FileKeyring keyring(world.path);
    REQUIRE(keyring.store(file_cluster, file_login, std::nullopt).has_value());
    for (const mode_t mode : {0640, 0620, 0604, 0602, 0644, 0666}) {
        INFO(mode);
        REQUIRE(::chmod(world.path.c_str(), mode) == 0);
        const auto loaded = keyring.load(file_cluster);
        CHECK(refused_load(loaded));
        CHECK_FALSE(keyring.list().has_value());
        CHECK_FALSE(keyring.store(file_cluster, file_login, std::nullopt).has_value());
    }
    REQUIRE(::chmod(world.path.c_str(), 0600) == 0);
    CHECK(keyring.load(file_cluster)->has_value());
}

TEST_CASE("file keyring: another user's file is not used") {
    if (::geteuid() != 0) return; // only root can give one away
    FileWorld world;
    FileKeyring keyring(world.path);
    REQUIRE(keyring.store(file_cluster, file_login, std::nullopt).has_value());
    REQUIRE(::chown(world.path.c_str(), 65'534, 65'534) == 0);
    CHECK(refused_load(keyring.load(file_cluster)));
}

TEST_CASE("file keyring: a link is not followed, neither to read nor to write") {
    FileWorld world;
    const std::string elsewhere = world.folder / "elsewhere";
    {
        FileKeyring keyring(elsewhere);
        REQUIRE(keyring.store(file_cluster, file_login, std::nullopt).has_value());
    }
    std::filesystem::create_symlink(elsewhere, world.path);
    FileKeyring keyring(world.path);
    CHECK(refused_load(keyring.load(file_cluster)));
    std::filesystem::remove(world.path);

    const auto before = world.folder.file("victim", "as it was");
    std::filesystem::create_symlink(before, world.path);
    (void)keyring.store(file_cluster, file_login, std::nullopt);
    CHECK(read_text(before) == "as it was");
}

TEST_CASE("file keyring: what it writes is its owner's alone, whatever the umask") {
    FileWorld world;
    const mode_t usual = ::umask(0);
    FileKeyring keyring(world.path);
    const auto stored = keyring.store(file_cluster, file_login, std::nullopt);
    ::umask(usual);
    REQUIRE(stored.has_value());
    CHECK(world.mode(world.path) == 0600);
    CHECK(read_text(world.path).find("hunter2") == std::string::npos);
    CHECK(**keyring.load(file_cluster) == file_login);
}

TEST_CASE("file keyring: an entry is good for its own login, not under another's name") {
    FileWorld world;
    FileKeyring keyring(world.path);
    REQUIRE(keyring.store(file_cluster, file_login, std::nullopt).has_value());
    auto text = read_text(world.path);
    const auto at = text.find("\"default\"");
    REQUIRE(at != std::string::npos);
    text.replace(at, 9, "\"others\"");
    world.folder.file("logins.sealed", text);
    REQUIRE(::chmod(world.path.c_str(), 0600) == 0);
    CHECK(refused_load(keyring.load(Key{file_cluster.address, "others"})));
}

TEST_CASE("file keyring: each login is its own entry: one goes, the others stay") {
    FileWorld world;
    FileKeyring keyring(world.path);
    const Key other{"https://two.example", "default"}, third{file_cluster.address, "work"};
    for (const Key& key : {file_cluster, other, third})
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
    FileWorld world;
    for (const std::string text : {"", "{", "[]", "{}", R"({"logins":{}})", R"({"logins":7})"}) {
        INFO(text);
        world.folder.file("logins.sealed", text);
        REQUIRE(::chmod(world.path.c_str(), 0600) == 0);
        FileKeyring keyring(world.path);
        CHECK_FALSE(keyring.list().has_value());
        CHECK(refused_load(keyring.load(file_cluster)));
        CHECK_FALSE(keyring.store(file_cluster, file_login, std::nullopt).has_value());
        CHECK(read_text(world.path) == text); // nothing was written over it
    }
}
