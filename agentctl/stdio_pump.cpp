#include "agentctl/stdio_pump.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace agentctl {
namespace {

constexpr std::size_t buffer_size = 64 << 10;
// A pipe that poll() calls writable takes so much without waiting.
constexpr std::size_t output_piece = 4096;

/// One direction: at most one buffer of bytes on their way.
struct Flow {
    std::vector<char> buffer = std::vector<char>(buffer_size);
    std::size_t begin = 0;
    std::size_t end = 0;
    bool ended = false; ///< nothing more comes
    std::uint64_t carried = 0;

    bool empty() const { return begin == end; }
    bool wants_input() const { return empty() && !ended; }

    void fill(int from) {
        const ssize_t n = ::read(from, buffer.data(), buffer.size());
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
        begin = 0;
        end = n > 0 ? static_cast<std::size_t>(n) : 0;
        if (n <= 0) ended = true;
    }
    void drained(std::size_t n) {
        begin += n;
        carried += n;
    }
};

bool is_transient(int error) {
    return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

} // namespace

Carried pump_stdio(int socket, int input, int output) {
    Flow up, down;
    bool shut = false;
    Carried carried;
    for (;;) {
        if (up.ended && up.empty() && !shut) {
            shut = true;
            ::shutdown(socket, SHUT_WR);
        }
        if (down.ended && down.empty()) {
            carried.by_peer = true;
            break;
        }
        const short socket_events =
            static_cast<short>((down.wants_input() ? POLLIN : 0) | (up.empty() ? 0 : POLLOUT));
        std::array<pollfd, 3> ready{
            pollfd{up.wants_input() ? input : -1, POLLIN, 0},
            pollfd{socket_events == 0 ? -1 : socket, socket_events, 0},
            pollfd{output, static_cast<short>(down.empty() ? 0 : POLLOUT),
                   0}, // with no events too: its reader may go
        };
        if (::poll(ready.data(), ready.size(), -1) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        if (ready[0].revents != 0) up.fill(input);
        if ((ready[1].revents & (POLLOUT | POLLERR)) != 0 && !up.empty()) {
            const ssize_t n = ::send(socket, up.buffer.data() + up.begin, up.end - up.begin,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n >= 0)
                up.drained(static_cast<std::size_t>(n));
            else if (!is_transient(
                         errno)) { // nobody takes it; what was answered before may still come
                up.begin = up.end;
                up.ended = true;
            }
        }
        if ((ready[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && down.wants_input())
            down.fill(socket);
        if (!down.empty() && (ready[2].revents & POLLOUT) != 0) {
            const ssize_t n = ::write(output, down.buffer.data() + down.begin,
                                      std::min(down.end - down.begin, output_piece));
            if (n >= 0)
                down.drained(static_cast<std::size_t>(n));
            else if (!is_transient(errno))
                break;
        } else if ((ready[2].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
            break;
        }
    }
    carried.up = up.carried;
    carried.down = down.carried;
    return carried;
}

agent::Status pass_descriptor(int channel, int descriptor) {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    while (::sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            return agent::fail_errno(agent::Errc::environment, agent::Hop::local,
                                     "passing the connected socket on", errno);
    return {};
}

} // namespace agentctl
