#include "ipc/socket/descriptors.hpp"

#include "ipc/socket/limits.hpp"

#include <boost/asio/error.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace ipc {
namespace {

using Socket = boost::asio::local::stream_protocol::socket;
using boost::system::error_code;

struct alignas(cmsghdr) Control : std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> {};

ssize_t send_now(int socket, std::string_view bytes, const Descriptors& descriptors) {
    iovec data{const_cast<char*>(bytes.data()), bytes.size()};
    Control control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    const std::size_t count = std::min(descriptors.size(), max_descriptors);
    if (count > 0) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        for (std::size_t i = 0; i < count; ++i) {
            const int fd = descriptors[i].get();
            std::memcpy(CMSG_DATA(header) + i * sizeof fd, &fd, sizeof fd);
        }
    }
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t receive_message(int socket, std::string& buffer, Descriptors& into, std::size_t most) {
    iovec data{buffer.data(), buffer.size()};
    Control control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0) return count;
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t fds = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < fds; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(one) + i * sizeof fd, sizeof fd);
            agent::UniqueFd received(fd);
            if (into.size() < most) into.push_back(std::move(received));
        }
    }
    return count;
}

error_code last_error() {
    return {errno, boost::system::system_category()};
}

} // namespace

boost::asio::awaitable<std::pair<error_code, std::size_t>>
send_some(Socket& socket, std::string_view bytes, const Descriptors& descriptors) {
    std::pair<error_code, std::size_t> sent;
    for (;;) {
        const ssize_t count = send_now(socket.native_handle(), bytes, descriptors);
        if (count >= 0) {
            sent.second = std::size_t(count);
            co_return sent;
        }
        if (errno == EINTR) continue;
        sent.first = last_error();
        if (errno != EAGAIN && errno != EWOULDBLOCK) co_return sent;
        const auto [ec] = co_await socket.async_wait(Socket::wait_write, agent::async::token);
        sent.first = ec;
        if (ec) co_return sent;
    }
}

std::pair<error_code, std::size_t> receive_now(Socket& socket, std::string& buffer,
                                               Descriptors& into, std::size_t most) {
    ssize_t count = 0;
    do {
        count = receive_message(socket.native_handle(), buffer, into, most);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return {last_error(), 0};
    if (count == 0) return {error_code(boost::asio::error::eof), 0};
    return {error_code(), std::size_t(count)};
}

boost::asio::awaitable<std::pair<error_code, std::size_t>>
receive_some(Socket& socket, std::string& buffer, Descriptors& into, std::size_t most) {
    for (;;) {
        auto received = receive_now(socket, buffer, into, most);
        if (received.first != boost::asio::error::would_block) co_return received;
        const auto [ec] = co_await socket.async_wait(Socket::wait_read, agent::async::token);
        received.first = ec;
        if (ec) co_return received;
    }
}

} // namespace ipc
