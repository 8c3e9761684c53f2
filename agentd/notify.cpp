#include "agentd/notify.hpp"

#include "async/with_timeout.hpp"
#include "base/unique_fd.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
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

/// Best effort: a manager that does not listen is no reason to stop.
void notify(std::string_view state, int descriptor = -1) {
    const auto& path = manager_socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || (path[0] != '/' && path[0] != '@') || path.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';
    const agent::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return;
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
    (void)::sendmsg(socket.get(), &message, MSG_NOSIGNAL);
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

void notify_store(const std::string& name, int descriptor) {
    notify("FDSTORE=1\nFDNAME=" + name, descriptor);
}

void notify_forget(const std::string& name) {
    notify("FDSTOREREMOVE=1\nFDNAME=" + name);
}

std::optional<std::chrono::microseconds> watchdog_period() {
    const auto period = number_from("WATCHDOG_USEC");
    if (!period || number_from("WATCHDOG_PID").value_or(::getpid()) != ::getpid()) return std::nullopt;
    return std::chrono::microseconds(*period);
}

agent::awaitable<void> feed_watchdog(std::chrono::microseconds period) {
    for (;;) {
        notify("WATCHDOG=1");
        co_await agent::async::sleep_for(period / 3);
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
    }
}

} // namespace agentd
