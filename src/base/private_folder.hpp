#pragma once
// Folders that are this user's alone. Whatever makes a folder of ours, or one of XDG's that is
// missing, makes it here.

#include "base/result.hpp"

#include <string>

namespace agent {

/// Makes `path` where it is missing, and what is missing above it, each 0700 whatever the umask is
/// (XDG wants it so). What is there stays as it is.
Status make_private_folder(const std::string& path);

/// The same; Errc::environment when `path` is a link, not ours, or open to others.
Status ensure_private_folder(const std::string& path);

/// Errc::environment when it is no folder of ours, or, with `must_be_private`, open to others.
Status check_folder(const std::string& path, const std::string& hint, bool must_be_private);

} // namespace agent
