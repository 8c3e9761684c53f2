#include "agentctl/private_file.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

using namespace agentctl;
using agent::test::read_text;
namespace fs = std::filesystem;

namespace {
constexpr std::string_view mark = "# ours";
} // namespace

TEST_CASE("private file: it is made with its folders, for its owner only, and replaced whole") {
    const agent::test::TempDir dir;
    const auto path = (dir / "ssh/config.d/agentd").string();
    const auto first = replace_private_file(path, "# ours\none\n", mark);
    REQUIRE(first.has_value());
    CHECK(*first);
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(fs::status(dir / "ssh").permissions() == fs::perms::owner_all);
    CHECK(*replace_private_file(path, "# ours\ntwo\n", mark));
    CHECK(read_text(path) == "# ours\ntwo\n");
    CHECK_FALSE(*replace_private_file(path, "# ours\ntwo\n", mark));
    CHECK(std::distance(fs::directory_iterator(dir / "ssh/config.d"), fs::directory_iterator()) ==
          1);
}

TEST_CASE("private file: what somebody else made is left alone: a file, a link, a folder") {
    const agent::test::TempDir dir;
    const auto file = dir.file("theirs", "Host mine\n");
    const auto link = dir / "link";
    fs::create_symlink(dir.file("behind", "# ours\n"), link);
    for (const auto& path : {file, link, dir.folder("folder")}) {
        const auto refused = replace_private_file(path, "# ours\n", mark);
        REQUIRE_FALSE(refused.has_value());
        INFO(refused.error().message);
        CHECK(refused.error().code == agent::Errc::environment);
        CHECK(refused.error().message.find(path.string()) != std::string::npos);
    }
    CHECK(read_text(file) == "Host mine\n");
    CHECK(fs::is_symlink(link));
}
