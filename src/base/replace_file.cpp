#include "base/replace_file.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <stdlib.h> // mkostemp
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace agent {
namespace {

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return ::fsync(file) == 0;
}

} // namespace

Status replace_file(const std::string& path, std::string_view text) {
    std::string fresh = path + ".XXXXXX";
    const UniqueFd file(::mkostemp(fresh.data(), O_CLOEXEC)); // mode 0600
    if (!file)
        return fail_errno(Errc::environment, Hop::local, "create a file beside " + path, errno);
    if (write_all(file.get(), text) && std::rename(fresh.c_str(), path.c_str()) == 0) return {};
    const int number = errno;
    ::unlink(fresh.c_str());
    return fail_errno(Errc::environment, Hop::local, "write " + path, number);
}

} // namespace agent
