// The cipher of the file keyring, and that keyring under a service manager's credential.

#include "keyring/file.hpp"
#include "keyring/seal.hpp"
#include "support/catch.hpp"
#include "support/memory_scan.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>

using namespace agent;
using namespace agent::keyring;
using agent::test::read_text;
using agent::test::TempDir;

namespace {

const Secret one_key(std::string(32, '\1'));
const Secret login(R"({"id":"at_1234567890","token":"at_1234567890_s1hunter2"})");
constexpr std::string_view place = "agentd login\nhttps://one.example\ndefault";

SealedText sealed_login() {
    auto sealed = seal(one_key, login, place);
    REQUIRE(sealed.has_value());
    return *sealed;
}

/// Refused with an error that quotes nothing.
bool refused(const Result<Secret>& result) {
    return !result && result.error().code == Errc::keyring_failed &&
           result.error().message.find("hunter2") == std::string::npos;
}

/// $CREDENTIALS_DIRECTORY as a service manager gives it, while it lives.
struct Credential {
    TempDir folder;
    explicit Credential(const std::string& text) {
        folder.file("agentd-keyring", text);
        ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    }
    ~Credential() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

const Key sealed_cluster{"https://one.example", "default"};

} // namespace

TEST_CASE("seal: what was sealed comes back, differs each time, and shows nothing of itself") {
    const auto first = sealed_login(), second = sealed_login();
    CHECK(first.nonce != second.nonce);
    CHECK(first.text != second.text);
    CHECK(first.text.find("hunter2") == std::string::npos);
    const auto plain = unseal(one_key, first, place);
    REQUIRE(plain.has_value());
    CHECK(*plain == login);
    const auto nothing = seal(one_key, Secret(), place);
    REQUIRE(nothing.has_value());
    const auto still_nothing = unseal(one_key, *nothing, place);
    REQUIRE(still_nothing.has_value());
    CHECK(still_nothing->empty());
}

TEST_CASE("seal: another key and another place open nothing") {
    const auto sealed = sealed_login();
    std::string other(32, '\1');
    other.back() = '\0';
    CHECK(refused(unseal(Secret(other), sealed, place)));
    CHECK(refused(unseal(one_key, sealed, "agentd login\nhttps://evil.example\ndefault")));
    CHECK(refused(unseal(one_key, sealed, "")));
}

TEST_CASE("seal: a text that is cut anywhere, or has one bit flipped, is refused") {
    const auto sealed = sealed_login();
    for (std::size_t length = 0; length < sealed.text.size(); ++length) {
        SealedText cut = sealed;
        cut.text.resize(length);
        REQUIRE(refused(unseal(one_key, cut, place)));
    }
    SealedText longer = sealed;
    longer.text.push_back('\0');
    CHECK(refused(unseal(one_key, longer, place)));
    for (std::size_t bit = 0; bit < sealed.text.size() * 8; ++bit) {
        SealedText flipped = sealed;
        flipped.text[bit / 8] = static_cast<char>(flipped.text[bit / 8] ^ (1 << bit % 8));
        REQUIRE(refused(unseal(one_key, flipped, place)));
    }
    for (std::size_t bit = 0; bit < sealed.nonce.size() * 8; ++bit) {
        SealedText flipped = sealed;
        flipped.nonce[bit / 8] = static_cast<char>(flipped.nonce[bit / 8] ^ (1 << bit % 8));
        REQUIRE(refused(unseal(one_key, flipped, place)));
    }
    for (const std::size_t length : {0U, 11U, 13U}) {
        SealedText odd = sealed;
        odd.nonce.resize(length);
        CHECK(refused(unseal(one_key, odd, place)));
    }
}

TEST_CASE("file keyring: a credential of the service manager opens it after a restart, another one "
          "does not") {
    const TempDir folder;
    const std::string path = folder / "logins.sealed";
    {
        const Credential credential("a passphrase\n");
        FileKeyring keyring(path);
        REQUIRE(keyring.store(sealed_cluster, login, std::nullopt).has_value());
    }
    CHECK(read_text(path).find("hunter2") == std::string::npos);
    {
        const Credential another("another passphrase\n");
        FileKeyring keyring(path);
        const auto loaded = keyring.load(sealed_cluster);
        REQUIRE_FALSE(loaded.has_value());
        CHECK(loaded.error().code == Errc::keyring_failed);
        CHECK(keyring.list()->size() == 1); // whose they are is no secret
    }
    const Credential same("a passphrase\n");
    FileKeyring keyring(path);
    const auto loaded = keyring.load(sealed_cluster);
    REQUIRE(loaded.has_value());
    REQUIRE(loaded->has_value());
    CHECK(**loaded == login);
    CHECK_FALSE(keyring.load(Key{"https://one.example", "other"})->has_value());
}

TEST_CASE("file keyring: an entry that was moved to another cluster's place is refused") {
    const TempDir folder;
    const std::string path = folder / "logins.sealed";
    const Credential credential("a passphrase\n");
    FileKeyring keyring(path);
    REQUIRE(keyring.store(sealed_cluster, login, std::nullopt).has_value());
    auto text = read_text(path);
    const auto at = text.find("one.example");
    REQUIRE(at != std::string::npos);
    text.replace(at, 11, "two.example");
    folder.file("logins.sealed", text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    const auto loaded = keyring.load(Key{"https://two.example", "default"});
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().message.find("another key, or changed") != std::string::npos);
}

TEST_CASE("seal: what was unsealed lies in locked memory alone") {
    const agent::test::Marker marker;
    std::string text(64, '.'); // what is freed begins with the allocator's own notes
    text.reserve(256);
    marker.append_to(text);
    const auto sealed = seal(one_key, Secret(std::move(text)), place);
    REQUIRE(sealed.has_value());
    REQUIRE(marker.copies() == 0); // none of the test's own
    const auto plain = unseal(one_key, *sealed, place);
    REQUIRE(plain.has_value());
    CHECK(plain->reveal().size() == 112);
    CHECK(marker.copies() == 0);
    std::string again(plain->reveal()); // that it would be found
    CHECK(marker.copies() == 1);
    wipe(again);
}
