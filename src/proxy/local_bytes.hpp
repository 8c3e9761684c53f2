#pragma once
// Bytes to and from a local socket with one system call and no wait, for the relay's hot loops:
// Asio would add a queue and an epoll_wait to each. Who finds nothing to do gives its buffer back
// and waits with async_wait.

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <span>

namespace agent::proxy {

struct Moved {
    std::size_t count = 0;
    bool would_block = false;
    boost::system::error_code error; ///< boost::asio::error::eof: the peer has sent all
};

inline Moved moved(ssize_t result, bool receiving) {
    Moved moved;
    if (result > 0) moved.count = static_cast<std::size_t>(result);
    if (result == 0 && receiving)
        moved.error = boost::asio::error::make_error_code(boost::asio::error::eof);
    if (result >= 0) return moved;
    const int number = errno;
    moved.would_block = number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
    if (!moved.would_block) moved.error.assign(number, boost::system::system_category());
    return moved;
}

inline Moved receive_now(int fd, std::span<std::byte> into) {
    return moved(::recv(fd, into.data(), into.size(), MSG_DONTWAIT), true);
}

/// `parts` in order; count may be less than their sum.
inline Moved send_now(int fd, std::span<iovec> parts) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return moved(::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL), false);
}

} // namespace agent::proxy
