#include "agentd/supervisor/callers_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

namespace supervisor {
namespace {

using agent::Errc;
using agent::Hop;

std::optional<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return std::nullopt;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

} // namespace

bool answers(const std::string& path) {
    const auto address = address_of(path);
    const agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!address || !socket) return false;
    const auto* there = reinterpret_cast<const sockaddr*>(&*address);
    return ::connect(socket.get(), there, sizeof *address) == 0 ||
           errno == EAGAIN; // its queue is full
}

agent::Result<CallersSocket> CallersSocket::listen(std::string path) {
    const auto address = address_of(path);
    if (!address)
        return agent::fail(Errc::environment, Hop::local, "the socket's path is too long: " + path,
                           "use a shorter XDG_RUNTIME_DIR");
    agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return agent::fail_errno(Errc::environment, Hop::local, "socket", errno);
    ::unlink(path.c_str());
    const mode_t before = ::umask(0177);
    const int bound =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
    const int number = errno;
    ::umask(before);
    if (bound != 0) return agent::fail_errno(Errc::environment, Hop::local, "bind " + path, number);
    if (::listen(socket.get(), SOMAXCONN) != 0)
        return agent::fail_errno(Errc::environment, Hop::local, "listen on " + path, errno);
    struct stat file{};
    if (::lstat(path.c_str(), &file) != 0)
        return agent::fail_errno(Errc::environment, Hop::local, path, errno);
    return CallersSocket(std::move(socket), std::move(path), file.st_dev, file.st_ino);
}

bool CallersSocket::ours() const {
    struct stat file{};
    return ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == number_;
}

// Away first, then a look at the queue: the other way round somebody could get into it in between.
bool CallersSocket::leave() const {
    if (!ours()) return true;
    const std::string aside = path_ + ".leaving";
    if (::rename(path_.c_str(), aside.c_str()) != 0) return true;
    pollfd queue{socket_.get(), POLLIN, 0};
    const bool waiting = ::poll(&queue, 1, 0) > 0 && (queue.revents & POLLIN) != 0;
    if (waiting && ::rename(aside.c_str(), path_.c_str()) == 0) return false;
    ::unlink(aside.c_str());
    return true;
}

void CallersSocket::remove() const {
    if (ours()) ::unlink(path_.c_str());
}

} // namespace supervisor
