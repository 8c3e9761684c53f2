#include "net/netlink.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace agent::net {

std::optional<NetlinkAnswer> NetlinkQuestions::send_and_receive(const void* question,
                                                                std::size_t size) {
    if (!socket_)
        socket_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_));
    if (!socket_) return std::nullopt;
    if (::send(socket_.get(), question, size, 0) == static_cast<ssize_t>(size))
        if (auto answer = receive()) return answer;
    socket_.reset(); // whatever it is, a new one does not have it
    return std::nullopt;
}

std::optional<NetlinkAnswer> NetlinkQuestions::receive() {
    for (;;) {
        sockaddr_nl from{};
        socklen_t from_size = sizeof from;
        const auto n = ::recvfrom(socket_.get(), buffer_.data(), buffer_.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &from_size);
        if (n < 0 && errno == EINTR) continue;
        if (n < static_cast<ssize_t>(sizeof(nlmsghdr)))
            return std::nullopt; // also when there is nothing to read
        nlmsghdr header;
        std::memcpy(&header, buffer_.data(), sizeof header);
        const auto received = static_cast<std::size_t>(n);
        if (from.nl_pid != 0 || header.nlmsg_seq != number_)
            continue; // not the kernel, or an earlier question's
        if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > received) return std::nullopt;
        NetlinkAnswer answer;
        answer.type = header.nlmsg_type;
        answer.body = std::span(buffer_).first(header.nlmsg_len).subspan(NLMSG_HDRLEN);
        return answer;
    }
}

} // namespace agent::net
