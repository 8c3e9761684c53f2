#pragma once
// A file that is replaced whole or not at all: whoever reads it, and whoever comes after a crash,
// finds the old one or the new one.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace agent {

/// Writes `text` beside `path` with mode 0600, to the disk, and moves it there. Errc::environment;
/// then the file is as it was.
Status replace_file(const std::string& path, std::string_view text);

} // namespace agent
