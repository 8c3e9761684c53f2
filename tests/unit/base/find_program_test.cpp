#include "base/find_program.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <unistd.h>

#include <cstdlib>

namespace fs = std::filesystem;

namespace {

struct Path {
    std::string before = std::getenv("PATH");
    explicit Path(const std::string& value) { ::setenv("PATH", value.c_str(), 1); }
    ~Path() { ::setenv("PATH", before.c_str(), 1); }
};

void make_program(const fs::path& path) {
    fs::create_symlink("/bin/true", path);
}

} // namespace

TEST_CASE("find program: one of ours is the one beside us, whatever PATH has") {
    const agent::test::TempDir folder;
    const auto self = fs::read_symlink("/proc/self/exe");
    make_program(folder / self.filename().string());
    const Path path(folder.path().string());
    CHECK(agent::find_own_program(self.filename().string()) == self.string());
    CHECK(agent::find_program(self.filename().string()) == self.string());
}

TEST_CASE("find program: what is not ours is found on PATH, and agentd's own is not") {
    const agent::test::TempDir folder;
    make_program(folder / "some-program");
    const Path path("/nonexistent::" + folder.path().string());
    CHECK(agent::find_program("some-program") == (folder / "some-program").string());
    CHECK(agent::find_on_path("some-program") == (folder / "some-program").string());
    CHECK_FALSE(agent::find_own_program("some-program").has_value());
    CHECK_FALSE(agent::find_on_path("no-such-program").has_value());
}

TEST_CASE("find program: a relative folder on PATH, a folder and a file that cannot run are passed "
          "over") {
    const agent::test::TempDir folder;
    make_program(folder / "some-program");
    folder.folder("a-folder");
    folder.file("a-text", "");
    const auto here = fs::current_path();
    fs::current_path(folder.path());
    {
        const Path path(".::bin");
        CHECK_FALSE(agent::find_on_path("some-program").has_value());
    }
    fs::current_path(here);
    const Path path(folder.path().string());
    CHECK_FALSE(agent::find_on_path("a-folder").has_value());
    CHECK_FALSE(agent::find_on_path("a-text").has_value());
}
