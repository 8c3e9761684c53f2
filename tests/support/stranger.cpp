#include "support/stranger.hpp"

#include "support/catch.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace agent::test {
namespace {

UniqueFd listen_at(const std::string& address, std::uint16_t& port) {
    sockaddr_storage at{};
    socklen_t size = 0;
    if (address.starts_with('/')) {
        auto* local = reinterpret_cast<sockaddr_un*>(&at);
        local->sun_family = AF_UNIX;
        std::strncpy(local->sun_path, address.c_str(), sizeof local->sun_path - 1);
        size = sizeof *local;
    } else if (address.find(':') != std::string::npos) {
        auto* six = reinterpret_cast<sockaddr_in6*>(&at);
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        ::inet_pton(AF_INET6, address.c_str(), &six->sin6_addr);
        size = sizeof *six;
    } else {
        auto* four = reinterpret_cast<sockaddr_in*>(&at);
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        ::inet_pton(AF_INET, address.c_str(), &four->sin_addr);
        size = sizeof *four;
    }
    UniqueFd listener(::socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size) != 0) return {};
    if (address.starts_with('/')) ::chmod(address.c_str(), 0777);
    if (::listen(listener.get(), 64) != 0) return {};
    size = sizeof at;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&at)->sin6_port
                                          : reinterpret_cast<sockaddr_in*>(&at)->sin_port);
    return listener;
}

/// Never returns: what comes is noted, and every request is answered as if it were understood.
void play_controller(int listener, int notes) {
    for (;;) {
        const UniqueFd client(::accept(listener, nullptr, nullptr));
        const timeval limit{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        std::string request;
        char buffer[4096];
        for (ssize_t n = 0; (n = ::recv(client.get(), buffer, sizeof buffer, 0)) > 0;) {
            (void)!::write(notes, buffer, static_cast<std::size_t>(n));
            request.append(buffer, static_cast<std::size_t>(n));
            const auto end = request.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            const auto at = request.find("Content-Length: ");
            const std::size_t body =
                at < end ? std::strtoul(request.c_str() + at + 16, nullptr, 10) : 0;
            if (request.size() < end + 4 + body) continue;
            const std::string answer =
                R"({"items":[{"id":"ampw_1234567890","type":"password","is_primary":true}],"response_type":"complete",)"
                R"("id":"at_1234567890","attributes":{"id":"at_1234567890","token":"at_1234567890_x"}})";
            const std::string reply =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(answer.size()) + "\r\n\r\n" + answer;
            (void)!::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
            request.erase(0, end + 4 + body);
        }
    }
}

} // namespace

Stranger::Stranger(const std::string& address, std::uint16_t port) {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    notes_.reset(ends[0]);
    UniqueFd notes(ends[1]);
    ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
    pid_ = ::fork();
    if (pid_ == 0) {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
            ::setresuid(user, user, user) != 0)
            ::_exit(99);
        const auto listener = listen_at(address, port);
        if (!listener) port = 0;
        (void)!::write(notes.get(), &port, sizeof port);
        if (!listener) ::_exit(1);
        play_controller(listener.get(), notes.get());
    }
    notes.reset();
    REQUIRE(::read(notes_.get(), &port_, sizeof port_) == sizeof port_);
    ::fcntl(notes_.get(), F_SETFL, O_NONBLOCK);
    INFO(address);
    REQUIRE((port_ != 0 || address.starts_with('/')));
}

Stranger::~Stranger() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string Stranger::heard() {
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(notes_.get(), buffer, sizeof buffer)) > 0;)
        heard_.append(buffer, static_cast<std::size_t>(n));
    return heard_;
}

} // namespace agent::test
