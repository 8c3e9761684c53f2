#include "base/replace_file.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace fs = std::filesystem;

namespace {

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

TEST_CASE("replace file: the new file is its owner's alone, and nothing is left beside it") {
    const agent::test::TempDir folder;
    const auto path = folder.file("file", "old");
    fs::permissions(path, fs::perms(0644));
    const mode_t before = ::umask(0);
    const auto written = agent::replace_file(path, "new\n");
    ::umask(before);
    REQUIRE(written);
    CHECK(agent::test::read_text(path) == "new\n");
    CHECK(fs::status(path).permissions() == fs::perms(0600));
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("replace file: where it cannot be written the old one stays, and nothing beside it") {
    const agent::test::TempDir folder;
    const auto path = folder.file("file", "old");
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small{1000, before.rlim_max};
    const auto signal_before = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto written = agent::replace_file(path, std::string(2000, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, signal_before);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == agent::Errc::environment);
    CHECK(written.error().message == "write " + path.string() + ": file too large");
    CHECK(agent::test::read_text(path) == "old");
    CHECK(files_in(folder.path()) == 1);
    const auto nowhere = agent::replace_file(folder / "none/file", "x");
    CHECK(nowhere.error().message.starts_with("create a file beside "));
}
