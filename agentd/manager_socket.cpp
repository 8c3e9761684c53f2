#include "agentd/manager_socket.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace agentd {
namespace {

bool ours_or_roots(const struct stat& file) {
    return file.st_uid == ::geteuid() || file.st_uid == 0;
}

} // namespace

ManagerSocket::ManagerSocket(std::string address) : address_(std::move(address)) {
    if (address_.empty()) return;
    if (address_[0] != '/' && address_[0] != '@') {
        forget();
        return;
    }
    socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (address_[0] == '@') return;
    const auto slash = address_.rfind('/');
    file_ = address_.substr(slash + 1);
    folder_.reset(::open(address_.substr(0, slash + 1).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool ManagerSocket::trusted() const {
    struct stat folder{};
    struct stat file{};
    return folder_ && ::fstat(folder_.get(), &folder) == 0 && ours_or_roots(folder) &&
           (folder.st_mode & 022) == 0 &&
           ::fstatat(folder_.get(), file_.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISSOCK(file.st_mode) && ours_or_roots(file);
}

bool ManagerSocket::say_to_anybody(std::string_view state) {
    return !address_.empty() && send(address_, state, Patience::a_second, -1);
}

// By the folder that was looked at, whatever its path leads to by now.
bool ManagerSocket::say(std::string_view state, Patience patience, int descriptor) {
    if (!trusted()) return false;
    return send("/proc/self/fd/" + std::to_string(folder_.get()) + "/" + file_, state, patience,
                descriptor);
}

void ManagerSocket::forget() {
    address_.clear();
    folder_.reset();
    socket_.reset();
}

bool ManagerSocket::send(const std::string& to, std::string_view state, Patience patience,
                         int descriptor) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!socket_ || to.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, to.data(), to.size());
    if (to[0] == '@') address.sun_path[0] = '\0';
    iovec text{const_cast<char*>(state.data()), state.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + to.size());
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return send_patiently(message, patience);
}

/// As much as it takes to let a manager read, and no more: it may hang. One that did is not waited
/// for again until it has taken something.
bool ManagerSocket::send_patiently(const msghdr& message, Patience patience) {
    bool sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
    if (!sent && errno == EAGAIN && patience == Patience::a_second && !deaf_) {
        const timeval limit{1, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0;
        deaf_ = !sent;
    }
    if (sent) deaf_ = false;
    return sent;
}

} // namespace agentd
