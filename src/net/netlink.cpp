#include "net/netlink.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace agent::net {
namespace {

/// The first of `messages`, which it takes off; nullopt: that is none.
std::optional<NetlinkAnswer> take_first(std::span<const std::byte>& messages) {
    nlmsghdr header;
    if (messages.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, messages.data(), sizeof header);
    if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > messages.size()) return std::nullopt;
    NetlinkAnswer answer;
    answer.type = header.nlmsg_type;
    answer.body = messages.first(header.nlmsg_len).subspan(NLMSG_HDRLEN);
    messages = messages.subspan(
        std::min<std::size_t>(messages.size(), NLMSG_ALIGN(std::size_t(header.nlmsg_len))));
    return answer;
}

} // namespace

bool NetlinkQuestions::send(const void* question, std::size_t size) {
    if (!socket_)
        socket_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_));
    return socket_ && ::send(socket_.get(), question, size, 0) == static_cast<ssize_t>(size);
}

std::optional<NetlinkAnswer> NetlinkQuestions::send_and_receive(const void* question,
                                                                std::size_t size) {
    if (send(question, size)) {
        auto messages = receive();
        if (auto answer = take_first(messages)) return answer;
    }
    socket_.reset(); // whatever it is, a new one does not have it
    return std::nullopt;
}

bool NetlinkQuestions::send_and_receive_all(const void* question, std::size_t size,
                                            const std::function<void(const NetlinkAnswer&)>& each) {
    bool sent = send(question, size);
    while (sent) {
        auto messages = receive();
        if (messages.empty()) break;
        while (!messages.empty()) {
            const auto answer = take_first(messages);
            if (answer && answer->type == NLMSG_DONE) return true;
            sent = answer && answer->type != NLMSG_ERROR;
            if (!sent) break;
            each(*answer);
        }
    }
    socket_.reset(); // with what is left of the answer
    return false;
}

std::span<const std::byte> NetlinkQuestions::receive() {
    for (;;) {
        sockaddr_nl from{};
        socklen_t from_size = sizeof from;
        const auto n = ::recvfrom(socket_.get(), buffer_.data(), buffer_.size(), MSG_TRUNC,
                                  reinterpret_cast<sockaddr*>(&from), &from_size);
        if (n < 0 && errno == EINTR) continue;
        if (n < static_cast<ssize_t>(sizeof(nlmsghdr)) || n > std::ssize(buffer_)) return {};
        nlmsghdr header;
        std::memcpy(&header, buffer_.data(), sizeof header);
        if (from.nl_pid == 0 && header.nlmsg_seq == number_)
            return std::span(buffer_).first(static_cast<std::size_t>(n));
        // not the kernel, or an earlier question's
    }
}

} // namespace agent::net
