#include "support/http_front.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdlib>

namespace agent::test {
namespace {

/// Head and body; empty when the client has gone.
std::string request_from(int fd) {
    std::string text;
    std::array<char, 16384> buffer;
    for (;;) {
        const auto end = text.find("\r\n\r\n");
        if (end != std::string::npos) {
            const auto at = text.find("Content-Length: ");
            const std::size_t body =
                at < end ? std::strtoul(text.c_str() + at + 16, nullptr, 10) : 0;
            if (text.size() >= end + 4 + body) return text;
        }
        const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (n <= 0) return {};
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 16384> buffer;
    for (;;) {
        const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (n <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

} // namespace

void HttpFront::serve(int fd, std::uint16_t controller_port, const Judge& judge) {
    std::string request = request_from(fd);
    if (request.empty()) return;
    const auto line_end = request.find("\r\n");
    auto verdict = judge(request.substr(0, line_end));
    if (verdict.fate != Fate::answered) {
        const UniqueFd controller = connect_loopback(controller_port);
        if (!controller) return;
        request.insert(line_end, "\r\nConnection: close");
        send_all(controller.get(), request);
        verdict.answer = read_all(controller.get());
    }
    if (verdict.fate != Fate::swallow) {
        send_all(fd, verdict.answer);
        ::shutdown(fd, SHUT_WR);
    }
    (void)read_all(fd); // until the client has given up, or had enough
}

} // namespace agent::test
