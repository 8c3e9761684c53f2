#include "base/private_folder.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

#include <filesystem>

namespace {

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

struct Umask {
    explicit Umask(mode_t mask) : before(::umask(mask)) {}
    ~Umask() { ::umask(before); }
    mode_t before;
};

} // namespace

TEST_CASE("private folder: each folder that is made is 0700, whatever the umask; what was there "
          "stays as it was") {
    const agent::test::TempDir folder;
    const Umask umask(GENERATE(0, 022, 077));
    std::filesystem::create_directory(folder / "there");
    std::filesystem::permissions(folder / "there", std::filesystem::perms(0755));
    REQUIRE(agent::ensure_private_folder(folder / "there/a/b"));
    CHECK(mode_of(folder / "there") == 0755);
    CHECK(mode_of(folder / "there/a") == 0700);
    CHECK(mode_of(folder / "there/a/b") == 0700);
    CHECK(agent::make_private_folder(folder / "there"));
    CHECK(agent::ensure_private_folder(folder / "there/a/b"));
}

TEST_CASE("private folder: one that is open to others, a link or a file is refused by its path") {
    const agent::test::TempDir folder;
    folder.folder("open");
    std::filesystem::permissions(folder / "open", std::filesystem::perms(0750));
    std::filesystem::create_symlink(folder.folder("behind"), folder / "link");
    folder.file("file", "");
    for (const auto* name : {"open", "link", "file", "file/x"}) {
        const auto refused = agent::ensure_private_folder(folder / name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == agent::Errc::environment);
        CHECK(refused.error().message.find((folder / name).string()) != std::string::npos);
    }
}
