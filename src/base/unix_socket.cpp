#include "base/unix_socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace agent {
namespace {

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

UniqueFd make_socket(int type) {
    return UniqueFd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

Error too_long(Errc code, const std::string& what) {
    return fail(code, Hop::local,
                what + ": the path has more than " + std::to_string(longest_path) + " bytes",
                "Use a shorter name, or a shorter XDG_RUNTIME_DIR.");
}

/// Nothing is at `path` afterwards that somebody may need.
Status make_room(const std::string& path, const std::string& what, int type) {
    struct stat existing{};
    if (::lstat(path.c_str(), &existing) != 0) return {};
    if (!S_ISSOCK(existing.st_mode))
        return fail(Errc::listen_failed, Hop::local, what + ": the file exists and is no socket",
                    "Remove it.");
    const int problem = try_connect(path, type);
    if (problem == 0)
        return fail(Errc::listen_failed, Hop::local, what + ": another process answers there");
    if (problem != ECONNREFUSED) return fail_errno(Errc::listen_failed, Hop::local, what, problem);
    ::unlink(path.c_str());
    return {};
}

} // namespace

Result<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() > longest_path) return too_long(Errc::environment, path);
    path.copy(address.sun_path, path.size());
    return address;
}

Result<UniqueFd> listen_unix(const std::string& path, Present present, int type) {
    const std::string what = "listen on " + path;
    const auto address = unix_address(path);
    if (!address) return too_long(Errc::listen_failed, what);
    if (present == Present::is_ours)
        ::unlink(path.c_str());
    else if (auto room = make_room(path, what, type); !room)
        return room.error();
    UniqueFd socket = make_socket(type);
    // The file that bind() makes has the socket's own mode, less the umask.
    if (!socket || ::fchmod(socket.get(), 0600) != 0 ||
        ::bind(socket.get(), generic(*address), sizeof *address) != 0 ||
        (type == SOCK_STREAM && ::listen(socket.get(), SOMAXCONN) != 0))
        return fail_errno(Errc::listen_failed, Hop::local, what, errno);
    return socket;
}

int try_connect(const std::string& path, int type) {
    const auto address = unix_address(path);
    if (!address) return ENAMETOOLONG;
    const UniqueFd probe = make_socket(type);
    if (!probe) return errno;
    if (::connect(probe.get(), generic(*address), sizeof *address) == 0) return 0;
    return errno == EAGAIN ? 0 : errno; // a full queue is somebody's
}

} // namespace agent
