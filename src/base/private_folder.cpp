#include "base/private_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace agent {
namespace {

Status make_one(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) return {};
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail_errno(Errc::environment, Hop::local, "create " + path, errno);
    return {};
}

} // namespace

Status make_private_folder(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1))
        if (auto made = make_one(path.substr(0, slash)); !made) return made;
    return make_one(path);
}

Status check_folder(const std::string& path, const std::string& hint, bool must_be_private) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return fail_errno(Errc::environment, Hop::local, path, errno, hint);
    if (!S_ISDIR(status.st_mode))
        return fail(Errc::environment, Hop::local, path + " is not a directory", hint);
    if (status.st_uid != ::geteuid())
        return fail(Errc::environment, Hop::local, path + " belongs to another user", hint);
    if (must_be_private && (status.st_mode & 077) != 0)
        return fail(Errc::environment, Hop::local, path + " is open to other users",
                    "chmod 700 " + path);
    return {};
}

Status ensure_private_folder(const std::string& path) {
    if (auto made = make_private_folder(path); !made) return made;
    return check_folder(path, {}, true);
}

} // namespace agent
