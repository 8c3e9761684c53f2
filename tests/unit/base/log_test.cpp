#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>
#include <string>

using namespace agent;

namespace {

/// Writes `lines` lines of 100 bytes to `path` from each of `writers` processes that bound the log
/// at `bound`.
void write_log(const std::string& path, const std::string& bound, int flags, int writers,
               int lines) {
    std::vector<pid_t> children;
    for (int i = 0; i < writers; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | flags, 0600));
            ::dup2(file.get(), STDERR_FILENO);
            log::bound_file(bound, 10'000);
            for (int line = 0; line < lines; ++line) log::warning("{}", std::string(100, 'x'));
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
}

off_t size_of(const std::string& path) {
    struct stat file{};
    return ::stat(path.c_str(), &file) == 0 ? file.st_size : -1;
}

} // namespace

TEST_CASE("log: our own file begins anew beyond its bound while several processes append to it") {
    const test::TempDir folder;
    const auto path = folder / "own.log";
    write_log(path, path, O_APPEND, 3, 500); // 150 kB
    CHECK(size_of(path) > 0);
    CHECK(size_of(path) <= 10'000 + 3 * 200); // a line of each may come between looking and writing
}

TEST_CASE("log: a file that is not ours alone, or not appended to, is never shortened") {
    const test::TempDir folder;
    const auto path = folder / "somebodys.log";
    SECTION("another name than the log's") {
        write_log(path, folder / "own.log", O_APPEND, 1, 500);
    }
    SECTION("a symbolic link at the log's name") {
        REQUIRE(::symlink(path.c_str(), (folder / "own.log").c_str()) == 0);
        write_log(path, folder / "own.log", O_APPEND, 1, 500);
    }
    SECTION("a second name of the same file") {
        const UniqueFd made(::open(path.c_str(), O_WRONLY | O_CREAT, 0600));
        REQUIRE(::link(path.c_str(), (folder / "own.log").c_str()) == 0);
        write_log(path, folder / "own.log", O_APPEND, 1, 500);
    }
    SECTION("written at its own position") {
        write_log(path, path, 0, 1, 500);
    }
    CHECK(size_of(path) > 50'000);
}

TEST_CASE("log: a line that finds no memory throws nothing") {
    log::set_sink([](log::Level, std::string_view) { throw std::bad_alloc(); });
    CHECK_NOTHROW(log::error("{}", "what happened"));
    log::set_sink(nullptr);
}
