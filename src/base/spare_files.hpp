#pragma once
// Descriptors that are kept for what helps when all others are in use: to be asked, to say what
// runs, and to end some of it. Process-wide, as the table of descriptors is. The Varlink server
// lends from it.

#include <cstddef>

namespace agent {

/// From now on; main calls it early. As many as there are.
void keep_spare_files(std::size_t count);

/// While it lives the process may open that many more files, or as many as are left.
class SpareFiles {
  public:
    explicit SpareFiles(std::size_t wanted);
    SpareFiles(SpareFiles&& other) noexcept;
    SpareFiles& operator=(SpareFiles&&) = delete;
    ~SpareFiles();
    std::size_t count() const { return count_; }

  private:
    std::size_t count_ = 0;
};

} // namespace agent
