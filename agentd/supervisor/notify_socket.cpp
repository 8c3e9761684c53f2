#include "agentd/supervisor/notify_socket.hpp"

#include "base/log.hpp"
#include "base/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace supervisor {
namespace {

using agent::Errc;
using agent::Hop;

constexpr std::size_t longest_message = 4096;
constexpr std::size_t most_descriptors = 16; // the kernel closes the rest

struct Control {
    ucred sender{};
    std::vector<agent::UniqueFd> descriptors;
};

Control take_control(msghdr& message) {
    Control found;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == SCM_CREDENTIALS)
            std::memcpy(&found.sender, CMSG_DATA(header), sizeof found.sender);
        if (header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
            found.descriptors.emplace_back(descriptor);
        }
    }
    return found;
}

} // namespace

agent::Result<NotifySocket> NotifySocket::open(std::string path) {
    auto socket = agent::listen_unix(path, agent::Present::is_ours, SOCK_DGRAM);
    if (!socket) return socket.error();
    const int on = 1; // before anybody knows the path
    if (::setsockopt(socket->get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        return agent::fail_errno(Errc::environment, Hop::local, "SO_PASSCRED", errno);
    struct stat file{};
    if (::lstat(path.c_str(), &file) != 0)
        return agent::fail_errno(Errc::environment, Hop::local, path, errno);
    return NotifySocket(std::move(*socket), std::move(path), file.st_dev, file.st_ino);
}

NotifySocket::~NotifySocket() {
    if (socket_ && ours()) ::unlink(path_.c_str());
}

bool NotifySocket::ours() const {
    struct stat file{};
    return ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == number_;
}

std::optional<NotifySocket::Message> NotifySocket::receive() const {
    for (;;) {
        std::array<char, longest_message> text;
        alignas(cmsghdr)
            std::array<char, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(most_descriptors * sizeof(int))>
                space;
        iovec part{text.data(), text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = space.data();
        message.msg_controllen = space.size();
        const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return std::nullopt;
        auto control = take_control(message);
        if (control.sender.uid != ::geteuid()) continue;
        if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
            agent::log::warning(
                "a notification of pid={} is too long, or there are no descriptors left for it",
                control.sender.pid);
            continue;
        }
        Message received;
        received.sender = control.sender.pid;
        received.said =
            parse_notification(std::string_view(text.data(), static_cast<std::size_t>(size)));
        received.descriptors = std::move(control.descriptors);
        return received;
    }
}

} // namespace supervisor
