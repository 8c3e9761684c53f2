#pragma once
// Targets and broken controllers on loopback, each a real listener with threads of its own, named
// for what it does.

#include "base/unique_fd.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace agent::test {

/// Accepts on 127.0.0.1 (a free port, or a given one that is free) and runs `serve` on a thread for
/// each connection until it returns.
class LoopbackServer {
  public:
    explicit LoopbackServer(std::function<void(int fd)> serve, std::uint16_t port = 0);
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer();

    std::uint16_t port() const { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    int accepted() const { return accepted_; }
    /// Stops listening: the port refuses from now on, and what is open goes on.
    void refuse();
    /// The same, and cuts every connection.
    void stop();

  private:
    struct Client {
        UniqueFd fd;
        std::thread thread;
    };
    void accept_all();

    std::function<void(int)> serve_;
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_ = 0;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::list<Client> clients_;
    std::thread acceptor_;
};

/// Sends back what it gets.
void serve_echo(int fd);
/// Sends `greeting` first, then echoes: like sshd, it speaks before it is spoken to.
std::function<void(int)> serve_greeting(std::string greeting);
/// Reads one HTTP request and answers `response` (a whole one, head and body), then closes.
std::function<void(int)> serve_response(std::string response);
/// Reads one HTTP request, answers nothing and closes.
void serve_hangup(int fd);
/// Accepts and never says anything.
void serve_silence(int fd);
/// Carries bytes to and from 127.0.0.1:`port`; `seen`, on threads of its own, gets what goes there.
std::function<void(int)> serve_forward(std::uint16_t port,
                                       std::function<void(std::string_view)> seen = {});

/// A connected socket to 127.0.0.1:`port`; invalid when refused. Reads and writes end after ten
/// seconds.
UniqueFd connect_loopback(std::uint16_t port);
/// The same to a Unix socket.
UniqueFd connect_local(const std::string& path);
/// Writes it all; false when the peer is gone.
bool send_all(int fd, std::string_view bytes);
/// Reads exactly `length` bytes, or fewer when the stream ends first.
std::string receive_exactly(int fd, std::size_t length);
/// The same with as much patience as it takes.
std::string receive_patiently(int fd, std::size_t length, std::chrono::milliseconds deadline);
/// Waits until the peer has closed or reset the stream; false when it is still open at the
/// deadline.
bool closed_by_peer(int fd, std::chrono::milliseconds deadline);
/// A port that nothing listens on (it was free a moment ago).
std::uint16_t refusing_port();

} // namespace agent::test
