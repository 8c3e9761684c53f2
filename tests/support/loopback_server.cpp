#include "support/loopback_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>

namespace agent::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t bind_free(int fd, std::uint16_t port = 0) {
    const int on = 1; // a given port may have had connections a moment ago
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto address = loopback(port);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("cannot bind a loopback port");
    return ntohs(address.sin_port);
}

bool read_request(int fd) {
    std::string head;
    std::array<char, 4096> buffer;
    while (head.find("\r\n\r\n") == std::string::npos) {
        const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (n <= 0) return false;
        head.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace

LoopbackServer::LoopbackServer(std::function<void(int)> serve, std::uint16_t port)
    : serve_(std::move(serve)) {
    std::signal(SIGPIPE, SIG_IGN);
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    port_ = bind_free(listener_.get(), port);
    if (::listen(listener_.get(), 128) != 0) throw std::runtime_error("cannot listen");
    acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
    stop();
}

void LoopbackServer::accept_all() {
    for (;;) {
        UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (stopping_) return;
        if (!fd) continue;
        ++accepted_;
        const std::lock_guard lock(mutex_);
        auto& client = clients_.emplace_back();
        client.fd = std::move(fd);
        client.thread = std::thread([this, &client] {
            serve_(client.fd.get());
            ::shutdown(client.fd.get(), SHUT_RDWR);
        });
    }
}

void LoopbackServer::refuse() {
    if (stopping_.exchange(true)) return;
    ::shutdown(listener_.get(), SHUT_RDWR); // wakes accept
    acceptor_.join();
    listener_.reset();
}

void LoopbackServer::stop() {
    refuse();
    const std::lock_guard lock(mutex_);
    for (auto& client : clients_) ::shutdown(client.fd.get(), SHUT_RDWR);
    for (auto& client : clients_) client.thread.join();
    clients_.clear();
}

void serve_echo(int fd) {
    std::array<char, 65536> buffer;
    for (;;) {
        const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (n <= 0 || !send_all(fd, {buffer.data(), static_cast<std::size_t>(n)})) return;
    }
}

std::function<void(int)> serve_greeting(std::string greeting) {
    return [greeting = std::move(greeting)](int fd) {
        if (send_all(fd, greeting)) serve_echo(fd);
    };
}

std::function<void(int)> serve_response(std::string response) {
    return [response = std::move(response)](int fd) {
        if (!read_request(fd)) return;
        send_all(fd, response);
        ::shutdown(fd, SHUT_WR);
        std::array<char, 4096> rest; // a body still on its way would turn the close into a reset
        while (::recv(fd, rest.data(), rest.size(), 0) > 0) {
        }
    };
}

void serve_hangup(int fd) {
    read_request(fd);
}

void serve_silence(int fd) {
    std::array<char, 4096> buffer;
    while (::recv(fd, buffer.data(), buffer.size(), 0) > 0) {
    }
}

std::function<void(int)> serve_forward(std::uint16_t port,
                                       std::function<void(std::string_view)> seen) {
    return [port, seen = std::move(seen)](int down) {
        const UniqueFd up = connect_loopback(port);
        if (!up) return;
        const auto pump = [&](int from, int to) {
            std::array<char, 65536> buffer;
            for (;;) {
                const auto n = ::recv(from, buffer.data(), buffer.size(), 0);
                if (n < 0 && errno == EAGAIN) continue; // the receive timeout of connect_loopback
                if (n <= 0) break;
                const std::string_view piece(buffer.data(), static_cast<std::size_t>(n));
                if (seen && from == down) seen(piece);
                if (!send_all(to, piece)) break;
            }
            ::shutdown(to, SHUT_WR);
        };
        std::thread back([&] {
            pump(up.get(), down);
            ::shutdown(down, SHUT_RDWR);
        });
        pump(down, up.get());
        ::shutdown(up.get(), SHUT_RDWR);
        back.join();
    };
}

UniqueFd connect_loopback(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = loopback(port);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fd.reset();
    return fd;
}

UniqueFd connect_local(const std::string& path) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fd.reset();
    return fd;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string receive_exactly(int fd, std::size_t length) {
    std::string out(length, '\0');
    std::size_t filled = 0;
    while (filled < length) {
        const auto n = ::recv(fd, out.data() + filled, length - filled, 0);
        if (n <= 0) break;
        filled += static_cast<std::size_t>(n);
    }
    out.resize(filled);
    return out;
}

std::string receive_patiently(int fd, std::size_t length, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::string out;
    while (out.size() < length && std::chrono::steady_clock::now() < end) {
        pollfd ready{fd, POLLIN, 0};
        if (::poll(&ready, 1, 100) == 0) continue;
        const auto more = receive_exactly(fd, 1);
        if (more.empty()) break;
        out += more;
    }
    return out;
}

bool closed_by_peer(int fd, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::array<char, 4096> buffer;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd file{fd, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&file, 1, static_cast<int>(left.count())) <= 0)
            return false;
        const auto n = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return true;
    }
}

std::uint16_t refusing_port() {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return bind_free(fd.get());
}

} // namespace agent::test
