#include "agentd/supervisor/callers_socket.hpp"

#include "base/unix_socket.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace supervisor {
bool answers(const std::string& path) {
    return agent::try_connect(path) == 0;
}

agent::Result<CallersSocket> CallersSocket::listen(std::string path) {
    auto socket = agent::listen_unix(path, agent::Present::is_ours);
    if (!socket) return socket.error();
    struct stat file{};
    if (::lstat(path.c_str(), &file) != 0)
        return agent::fail_errno(agent::Errc::environment, agent::Hop::local, path, errno);
    return CallersSocket(std::move(*socket), std::move(path), file.st_dev, file.st_ino);
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
