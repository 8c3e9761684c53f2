#pragma once
// TempDir: a folder of the test's own, 0700, removed with everything in it at the end. Its path is
// short, because Unix sockets inside it must fit into 108 bytes.

#include <filesystem>
#include <string>
#include <string_view>

namespace agent::test {

class TempDir {
  public:
    TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir();

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    /// A 0700 folder inside.
    std::filesystem::path folder(std::string_view name) const;
    /// A 0600 file inside.
    std::filesystem::path file(std::string_view name, std::string_view text) const;

  private:
    std::filesystem::path path_;
};

/// The whole file; empty when it cannot be read.
std::string read_text(const std::filesystem::path& path);

} // namespace agent::test
