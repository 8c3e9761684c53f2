#include "support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace agent::test {

namespace fs = std::filesystem;

TempDir::TempDir() {
    std::string pattern = "/tmp/agentd-t.XXXXXX"; // not TMPDIR: its path may be long
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed in /tmp");
    path_ = pattern;
}

TempDir::~TempDir() {
    std::error_code ignored;
    for (fs::recursive_directory_iterator it(path_, ignored), end; !ignored && it != end;
         it.increment(ignored))
        if (it->is_directory(ignored) &&
            !it->is_symlink(ignored)) // a test may have taken our right to write
            fs::permissions(it->path(), fs::perms::owner_all, ignored);
    fs::remove_all(path_, ignored);
}

fs::path TempDir::folder(std::string_view name) const {
    fs::create_directories(path_ / name);
    fs::permissions(path_ / name, fs::perms::owner_all);
    return path_ / name;
}

fs::path TempDir::file(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    fs::permissions(path_ / name, fs::perms::owner_read | fs::perms::owner_write);
    return path_ / name;
}

std::string read_text(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text; // what fails while it is read, as the files of a process that ends, is
                             // no exception here
    text << in.rdbuf();
    return text.str();
}

} // namespace agent::test
