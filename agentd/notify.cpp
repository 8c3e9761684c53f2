#include "agentd/notify.hpp"

#include "base/unique_fd.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace agentd {

namespace {

/// Ours alone: taken out of the environment, so that no child speaks for us.
const std::string& manager_socket() {
    static const std::string path = [] {
        const char* value = std::getenv("NOTIFY_SOCKET");
        std::string taken = value == nullptr ? "" : value;
        ::unsetenv("NOTIFY_SOCKET");
        return taken;
    }();
    return path;
}

/// Whether a queue that is full is worth waiting for. The kernel lets ten messages wait; where a manager is so slow,
/// one that does not matter is better lost.
enum class Patience { none, a_second };

/// As much as it takes to let a manager read, and no more: it may hang. One that did is not waited for again until it
/// has taken something.
bool send_patiently(int socket, const msghdr& message, Patience patience) {
    static bool deaf = false;
    bool sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
    if (!sent && errno == EAGAIN && patience == Patience::a_second && !deaf) {
        const timeval limit{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
        deaf = !sent;
    }
    if (sent) deaf = false;
    return sent;
}

/// A manager that does not listen is no reason to stop.
bool notify(std::string_view state, Patience patience = Patience::a_second, int descriptor = -1) {
    const auto& path = manager_socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || (path[0] != '/' && path[0] != '@') || path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';
    const agent::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return false;
    iovec text{const_cast<char*>(state.data()), state.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
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
    return send_patiently(socket.get(), message, patience);
}

std::optional<std::int64_t> number_from(const char* variable) {
    const char* text = std::getenv(variable);
    if (text == nullptr) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text, text + std::strlen(text), number);
    if (problem != std::errc() || *end != '\0' || number <= 0) return std::nullopt;
    return number;
}

} // namespace

void notify_ready() {
    notify("READY=1");
}

void notify_stopping() {
    notify("STOPPING=1");
}

void notify_alive() {
    notify("WATCHDOG=1", Patience::none);
}

bool notify_store(const std::string& name, int descriptor) {
    return notify("FDSTORE=1\nFDNAME=" + name, Patience::a_second, descriptor);
}

void notify_forget(const std::string& name) {
    notify("FDSTOREREMOVE=1\nFDNAME=" + name);
}

std::optional<std::chrono::microseconds> watchdog_period() {
    const auto period = number_from("WATCHDOG_USEC");
    if (!period || number_from("WATCHDOG_PID").value_or(::getpid()) != ::getpid()) return std::nullopt;
    return std::chrono::microseconds(*period);
}

} // namespace agentd
